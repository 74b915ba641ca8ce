import type {Debt} from '../../contract.js';
import type {Engine} from './engine.js';

/** Every volume of ours carries `firedrill.run`, so that anyone can find what was left: `docker volume ls -f label=firedrill.run`. */
export const LABEL = {
  run: 'firedrill.run',
  /** Full id of the container that the mark is on. */
  mark: 'firedrill.mark',
  epoch: 'firedrill.epoch',
  hardStop: 'firedrill.hardStop',
  debtId: 'firedrill.debt.id',
  debt: 'firedrill.debt',
  renewal: 'firedrill.renewal',
  leases: 'firedrill.leases',
  stop: 'firedrill.stop',
} as const;

export interface OwnVolume {
  readonly name: string;
  readonly run: string;
}

export interface MarkVolume extends OwnVolume {
  readonly object: string;
  /** Undefined when another version wrote it: it still locks the target. */
  readonly debt: Debt | undefined;
}

export interface LeaseVolume extends OwnVolume {
  readonly nth: number;
  readonly leases: Readonly<Record<string, Debt['lease']>>;
}

/** What our volumes on the engine say. */
export interface World {
  readonly marks: readonly MarkVolume[];
  readonly leases: readonly LeaseVolume[];
  readonly stops: readonly OwnVolume[];
}

export function ofRun<T extends OwnVolume>(volumes: readonly T[], run: string): readonly T[] {
  return volumes.filter(volume => volume.run === run);
}

/** Run names are ours, but a volume name allows less than a label; the label decides whose it is. */
export function volumeSafe(text: string): string {
  return text.replace(/[^a-zA-Z0-9_.-]/g, '-');
}

export function markName(object: string, nth: number): string {
  const base = `firedrill-mark-${object.slice(0, 24)}`;
  return nth === 1 ? base : `${base}-${nth}`;
}

export function markLabels(debt: Debt): Readonly<Record<string, string>> {
  return {
    [LABEL.run]: debt.run,
    [LABEL.mark]: debt.undo.ref.object,
    [LABEL.epoch]: String(debt.epoch),
    [LABEL.hardStop]: debt.lease.hardStop.wall,
    [LABEL.debtId]: debt.id,
    [LABEL.debt]: JSON.stringify(debt),
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** A debt as a mark of this version holds it. */
function debtFrom(text: string | undefined): Debt | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return undefined;
  return 'id' in value && 'run' in value && 'undo' in value && 'lease' in value ? (value as Debt) : undefined;
}

interface RawVolume {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/** One list call. */
export async function readWorld(engine: Engine, run: string | undefined, signal: AbortSignal): Promise<World> {
  const label = run === undefined ? LABEL.run : `${LABEL.run}=${run}`;
  const filters = JSON.stringify({label: [label]});
  const answer = await engine.read(abortSignal => engine.docker.listVolumes({filters, abortSignal}), signal);
  const volumes = (answer as {readonly Volumes?: readonly RawVolume[] | null}).Volumes ?? [];
  const marks: MarkVolume[] = [];
  const leases: LeaseVolume[] = [];
  const stops: OwnVolume[] = [];
  for (const {Name: name, Labels} of volumes) {
    const labels = Labels ?? {};
    const own = {name, run: labels[LABEL.run] ?? ''};
    const object = labels[LABEL.mark];
    if (object !== undefined) marks.push({...own, object, debt: debtFrom(labels[LABEL.debt])});
    else if (labels[LABEL.stop] !== undefined) stops.push(own);
    else if (labels[LABEL.leases] !== undefined) {
      const held = (parsed(labels[LABEL.leases]) ?? {}) as LeaseVolume['leases'];
      leases.push({...own, nth: Number(labels[LABEL.renewal] ?? 0), leases: held});
    }
  }
  leases.sort((a, b) => a.nth - b.nth);
  return {marks, leases, stops};
}

/** The debt with the lease of its latest renewal. */
export function withLease(debt: Debt, world: World): Debt {
  const latest = ofRun(world.leases, debt.run).flatMap(volume => volume.leases[debt.id] ?? []);
  const lease = latest.at(-1);
  return lease === undefined ? debt : {...debt, lease};
}

/** All debts that the marks hold, each once. */
export function debtsOf(world: World): readonly Debt[] {
  const debts = new Map(
    world.marks.flatMap(({debt}) => (debt === undefined ? [] : [[`${debt.run} ${debt.id}`, debt]])),
  );
  return [...debts.values()].map(debt => withLease(debt, world));
}
