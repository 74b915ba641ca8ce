import {createHash} from 'node:crypto';
import type {Debt} from '../../contract.js';
import type {Engine} from './engine.js';

/** Every volume of ours carries `firedrill.run`, so that anyone can find what was left: `docker volume ls -f label=firedrill.run`. */
export const LABEL = {
  run: 'firedrill.run',
  /**
   * The full id of a container follows: the mark is on it. The value is what a person would type to undo it. Who wants to know
   * about one container asks for `docker volume ls -f label=firedrill.mark.ID`.
   */
  mark: 'firedrill.mark.',
  epoch: 'firedrill.epoch',
  hardStop: 'firedrill.hardStop',
  debts: 'firedrill.debts',
  renewal: 'firedrill.renewal',
  leases: 'firedrill.leases',
  stop: 'firedrill.stop',
} as const;

/** Debts in one volume: a list of all volumes stays readable, and a mark of 200 containers is a handful of requests. */
const MOST_DEBTS = 100;

export interface OwnVolume {
  readonly name: string;
  readonly run: string;
}

/** One volume that marks the targets of debts which were taken on together. */
export interface MarkVolume extends OwnVolume {
  /** Full ids of the containers that it locks. */
  readonly objects: ReadonlySet<string>;
  /** Empty when another version wrote it: it still locks its targets. */
  readonly debts: readonly Debt[];
  readonly hardStop: string;
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

/** What to create so that these debts are marked: a volume, or a few for very many. */
export function markVolumes(
  debts: readonly Debt[],
): readonly {Name: string; Labels: Readonly<Record<string, string>>}[] {
  const first = debts[0];
  if (first === undefined) return [];
  const part = debts.slice(0, MOST_DEBTS);
  const labels: Record<string, string> = {
    [LABEL.run]: first.run,
    [LABEL.epoch]: String(first.epoch),
    [LABEL.hardStop]:
      part
        .map(({lease}) => lease.hardStop.wall)
        .sort()
        .at(-1) ?? '',
    [LABEL.debts]: JSON.stringify(part),
  };
  for (const {undo} of part) {
    const label = `${LABEL.mark}${undo.ref.object}`;
    labels[label] = labels[label] === undefined ? undo.manual : `${labels[label]}; ${undo.manual}`;
  }
  return [{Name: markName(part), Labels: labels}, ...markVolumes(debts.slice(MOST_DEBTS))];
}

/** The same debts have the same name: marking them twice makes one volume. */
function markName(debts: readonly Debt[]): string {
  const ids = debts.map(({run, id}) => `${run} ${id}`);
  return `firedrill-mark-${createHash('sha256').update(JSON.stringify(ids)).digest('hex').slice(0, 24)}`;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** Debts as a mark of this version holds them. */
function debtsFrom(text: string | undefined): readonly Debt[] {
  const values = parsed(text);
  if (!Array.isArray(values)) return [];
  return values.filter(
    (value: unknown): value is Debt =>
      typeof value === 'object' && value !== null && ['id', 'run', 'undo', 'lease'].every(field => field in value),
  );
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
    const objects = Object.keys(labels).flatMap(label =>
      label.startsWith(LABEL.mark) ? [label.slice(LABEL.mark.length)] : [],
    );
    const hardStop = labels[LABEL.hardStop] ?? '';
    if (objects.length > 0) {
      marks.push({...own, objects: new Set(objects), debts: debtsFrom(labels[LABEL.debts]), hardStop});
    } else if (labels[LABEL.stop] !== undefined) stops.push(own);
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
  const debts = new Map(world.marks.flatMap(mark => mark.debts.map(debt => [`${debt.run} ${debt.id}`, debt])));
  return [...debts.values()].map(debt => withLease(debt, world));
}
