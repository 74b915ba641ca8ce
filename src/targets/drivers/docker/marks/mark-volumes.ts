import {createHash} from 'node:crypto';
import type {Debt} from '../../../contract.js';
import {debtFrom, leaseFrom, readMarks, type MarkRules} from '../../../debt.js';
import type {Engine} from '../engine/engine.js';

/**
 * Every volume of ours carries `firedrill.run`, so that anyone can find what was left: `docker volume ls -f
 * label=firedrill.run`.
 */
export const LABEL = {
  run: 'firedrill.run',
  /**
   * The full id of a container follows: the mark is on it. The value is what a person would type to undo it. Who wants
   * to know about one container asks for `docker volume ls -f label=firedrill.mark.ID`.
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
/** As the engine gives them out; a segment of its paths. */
const CONTAINER_ID = /^[0-9a-f]{64}$/;

export interface OwnVolume {
  readonly name: string;
  readonly run: string;
}

/** One volume that marks the targets of debts which were taken on together. */
export interface MarkVolume extends OwnVolume {
  /** Full ids of the containers that it locks. */
  readonly objects: ReadonlySet<string>;
  /** Those that can be read: where there are none it still locks its targets. */
  readonly debts: readonly Debt[];
  /** As the label holds them. */
  readonly values: readonly unknown[];
  readonly hardStop: string;
}

export interface LeaseVolume extends OwnVolume {
  readonly nth: number;
  readonly leases: Readonly<Record<string, Debt['lease']>>;
}

/** What our volumes on the engine say. */
export interface EngineVolumes {
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

/** A label is text that anyone with the engine's socket can write. */
function listIn(text: string | undefined): readonly unknown[] {
  const values = parsed(text);
  return Array.isArray(values) ? values : [];
}

function leasesIn(text: string | undefined): LeaseVolume['leases'] {
  const values = parsed(text);
  const entries = Object.entries(typeof values === 'object' && values !== null ? values : {});
  return Object.fromEntries(
    entries.flatMap(([id, value]) => {
      const lease = leaseFrom(value);
      return lease === undefined ? [] : [[id, lease]];
    }),
  );
}

interface RawVolume {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/** One list call. */
export async function readWorld(engine: Engine, run: string | undefined, signal: AbortSignal): Promise<EngineVolumes> {
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
      const values = listIn(labels[LABEL.debts]);
      const debts = values.map(debtFrom).filter(debt => typeof debt !== 'string');
      marks.push({...own, objects: new Set(objects), values, debts, hardStop});
    } else if (labels[LABEL.stop] !== undefined) stops.push(own);
    else if (labels[LABEL.leases] !== undefined) {
      leases.push({...own, nth: Number(labels[LABEL.renewal] ?? 0), leases: leasesIn(labels[LABEL.leases])});
    }
  }
  leases.sort((a, b) => a.nth - b.nth);
  return {marks, leases, stops};
}

/** The debt with the lease of its latest renewal. */
export function withLease(debt: Debt, world: EngineVolumes): Debt {
  const latest = ofRun(world.leases, debt.run).flatMap(volume => volume.leases[debt.id] ?? []);
  const lease = latest.at(-1);
  return lease === undefined ? debt : {...debt, lease};
}

/** What the marks owe, each debt once, and what of them nothing can be done for. */
export function readDebts(world: EngineVolumes, rules: MarkRules): ReturnType<typeof readMarks> {
  const found = readMarks(
    world.marks.map(({name, run, objects, values}) => ({
      where: `volume \`${name}\``,
      run,
      debts: values,
      isOn: ({undo}) => objects.has(undo.ref.object) && CONTAINER_ID.test(undo.ref.object),
    })),
    rules,
  );
  const debts = new Map(found.debts.map(debt => [`${debt.run} ${debt.id}`, debt]));
  return {debts: [...debts.values()].map(debt => withLease(debt, world)), unreadable: found.unreadable};
}
