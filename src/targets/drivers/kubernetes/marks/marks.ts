import {signalWithin, type Left} from '../../../../system/clock.js';
import {isDeepStrictEqual} from 'node:util';
import * as z from 'zod';
import type {Debt, Fence, Marked} from '../../../contract.js';
import {debtFrom, readMarks, type FoundMark} from '../../../debt.js';
import {type Cluster, mayPass, pause} from '../api/cluster.js';
import {requestFailureIn} from '../api/failure.js';
import {CONTROLLER_KINDS, describeLocator, fingerprint, type WorkloadLocator} from '../api/identity.js';
import {OPS, OPS_VERSION, readyArgs, scaleArgs} from '../ops.js';
import {findSame, listWorkloads, patchWorkload, type Workload} from '../api/workloads.js';

/** The mark: an annotation of the workload, so that any machine with access to the cluster sees what is owed on it. */
export const DEBTS_ANNOTATION = 'firedrill.dev/debts';
/** The same run id for people (`kubectl get -o yaml`); never read back. */
export const RUN_ANNOTATION = 'firedrill.dev/run';

export interface WorkloadMark {
  readonly run: string;
  readonly epoch: number;
  /** The uid it was written for: a Deployment's annotations are copied to its ReplicaSets, and a copy is no mark. */
  readonly on: string;
  readonly debts: readonly Debt[];
  /** What else stands among the debts and cannot be read: it is kept as it is. */
  readonly rest: readonly unknown[];
}

const markText = () =>
  z.looseObject({
    v: z.literal(1),
    run: z.string().min(1),
    epoch: z.int(),
    on: z.string().min(1),
    debts: z.array(z.unknown()),
  });

/**
 * The mark on a workload; undefined when nothing is owed. A text that is no mark of ours is an error, not "nothing".
 */
export function readMark(workload: Workload): WorkloadMark | undefined {
  const mark = parseMark(workload);
  if (mark === undefined) return undefined;
  const {debts: values, ...head} = mark;
  const isDebt = (value: unknown): value is Debt => typeof debtFrom(value) !== 'string';
  return {...head, debts: values.filter(isDebt), rest: values.filter(value => !isDebt(value))};
}

/** The same with its debts as the annotation holds them. */
function parseMark(
  workload: Workload,
): (Omit<WorkloadMark, 'debts' | 'rest'> & {readonly debts: readonly unknown[]}) | undefined {
  const text = workload.annotations[DEBTS_ANNOTATION];
  if (text === undefined) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new UnreadableMarkError(workload.at);
  }
  const mark = markText().safeParse(data);
  if (!mark.success) throw new UnreadableMarkError(workload.at);
  const {run, epoch, on, debts} = mark.data;
  return debts.length === 0 || on !== workload.at.uid ? undefined : {run, epoch, on, debts};
}

class UnreadableMarkError extends Error {
  constructor(at: WorkloadLocator) {
    super(
      `the annotation ${DEBTS_ANNOTATION} of ${describeLocator(at)} cannot be read (version 1 expected); look at it, then remove it by hand`,
    );
    this.name = 'UnreadableMark';
  }
}

/** The annotations that say this; both are removed when nothing is owed any more. */
export function markAnnotations(mark: WorkloadMark): Readonly<Record<string, string | null>> {
  const {rest, ...readable} = mark;
  const debts = [...mark.debts, ...rest];
  if (debts.length === 0) return {[DEBTS_ANNOTATION]: null, [RUN_ANNOTATION]: null};
  return {[DEBTS_ANNOTATION]: JSON.stringify({v: 1, ...readable, debts}), [RUN_ANNOTATION]: mark.run};
}

interface Revision {
  readonly annotations: Readonly<Record<string, string | null>>;
  readonly replicas?: number;
}

/**
 * Reads a workload, lets `decide` say what to write, and writes it only onto the version that was read. Repeats while
 * someone else was faster, the server is busy or the answer was lost (then `decide` sees for itself whether the write
 * landed). Answers the workload as it was last read, undefined when it is gone. Rejects when it cannot be done in time.
 */
export async function revise(
  cluster: Cluster,
  at: WorkloadLocator,
  decide: (found: Workload) => Revision | undefined,
  left: Left,
): Promise<Workload | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      const found = await findSame(cluster, at, signalWithin(left()));
      const wanted = found === undefined ? undefined : decide(found);
      if (found === undefined || wanted === undefined) return found;
      await patchWorkload(cluster, found, wanted, left());
    } catch (error) {
      const failure = requestFailureIn(error);
      if (failure?.status === 404) return undefined;
      if (failure === undefined || !mayPass(failure) || !(await pause(cluster, failure, {tries, left}))) throw error;
    }
  }
}

/** Under whose authority and how long. */
export interface WriteTerms {
  readonly fence: Fence;
  readonly left: Left;
}

/** Compare-and-set: adds the debts (all of one run, all on this workload) unless another run owes there. */
export async function addToMark(
  cluster: Cluster,
  at: WorkloadLocator,
  debts: readonly Debt[],
  {fence, left}: WriteTerms,
): Promise<readonly Marked[]> {
  const seen: {mark?: WorkloadMark; stale?: string} = {};
  const found = await revise(
    cluster,
    at,
    workload => {
      delete seen.mark;
      const mark = readMark(workload);
      if (mark !== undefined && mark.run !== fence.run) {
        seen.mark = mark;
        return undefined;
      }
      if (!fence.live() || (mark !== undefined && mark.epoch > fence.epoch)) {
        seen.stale = `the run was taken over (epoch ${mark?.epoch ?? fence.epoch}, ours is ${fence.epoch})`;
        return undefined;
      }
      const next: WorkloadMark = {
        run: fence.run,
        epoch: fence.epoch,
        on: workload.at.uid,
        debts: merged(mark?.debts ?? [], debts),
        rest: mark?.rest ?? [],
      };
      return same(mark, next) ? undefined : {annotations: markAnnotations(next)};
    },
    left,
  );
  const {mark, stale} = seen;
  if (mark !== undefined) {
    const hardStop = mark.debts.map(debt => debt.lease.hardStop.wall).sort();
    return debts.map(({id}) => ({debt: id, state: 'held', by: mark.run, hardStop: hardStop.at(-1) ?? ''}));
  }
  const why = stale ?? (found === undefined ? `${describeLocator(at)} does not exist any more` : undefined);
  return debts.map(({id}) => (why === undefined ? {debt: id, state: 'marked'} : {debt: id, state: 'failed', why}));
}

/** Replaces debts that are still on the mark by newer versions of themselves (a later hard stop). */
export async function renewInMark(
  cluster: Cluster,
  at: WorkloadLocator,
  debts: readonly Debt[],
  {fence, left}: WriteTerms,
): Promise<void> {
  await revise(
    cluster,
    at,
    workload => {
      const mark = readMark(workload);
      if (mark?.run !== fence.run || mark.epoch > fence.epoch || !fence.live()) return undefined;
      const owed = new Set(mark.debts.map(debt => debt.id));
      const next = {
        ...mark,
        epoch: fence.epoch,
        debts: merged(
          mark.debts,
          debts.filter(debt => owed.has(debt.id)),
        ),
      };
      return same(mark, next) ? undefined : {annotations: markAnnotations(next)};
    },
    left,
  );
}

/**
 * Takes one debt off the mark; the last one takes the mark with it, and the copies that the Deployment controller made.
 */
export async function takeOffMark(cluster: Cluster, at: WorkloadLocator, debt: Debt, left: Left): Promise<void> {
  const marked = await revise(
    cluster,
    at,
    workload => {
      const mark = readMark(workload);
      if (mark?.run !== debt.run || !mark.debts.some(one => one.id === debt.id)) return undefined;
      return {annotations: markAnnotations({...mark, debts: mark.debts.filter(one => one.id !== debt.id)})};
    },
    left,
  );
  if (marked !== undefined && readMark(marked) === undefined) await removeCopies(cluster, at, left);
}

/** Best effort: a copy that stays is ignored by whoever reads marks, and goes with its ReplicaSet. */
async function removeCopies(cluster: Cluster, at: WorkloadLocator, left: Left): Promise<void> {
  if (at.kind !== 'deployment') return;
  try {
    const signal = signalWithin(left());
    const sets = await listWorkloads(cluster, 'replicaset', {}, signal);
    const copies = sets.filter(set => set.owner?.uid === at.uid && set.annotations[DEBTS_ANNOTATION] !== undefined);
    for (const copy of copies) {
      const annotations = {[DEBTS_ANNOTATION]: null, [RUN_ANNOTATION]: null};
      await patchWorkload(cluster, copy, {annotations}, left());
    }
  } catch {
    // Nothing is owed because of it.
  }
}

const UNDOS = {
  [OPS.restore]: {args: scaleArgs, proofs: {[OPS.restored]: scaleArgs}},
  [OPS.awaitReady]: {args: readyArgs, proofs: {[OPS.ready]: readyArgs}},
};

/** What the marks of the namespace owe, of one run or of all, and what of them nothing can be done for. */
export async function readDebts(
  cluster: Cluster,
  endpoint: string,
  run: string | undefined,
  signal: AbortSignal,
): Promise<ReturnType<typeof readMarks>> {
  const lists = await Promise.all(CONTROLLER_KINDS.map(kind => listWorkloads(cluster, kind, {}, signal)));
  const found = lists.flat().flatMap((workload): FoundMark[] => {
    const where = `annotation ${DEBTS_ANNOTATION} of ${describeLocator(workload.at)}`;
    try {
      const mark = parseMark(workload);
      if (mark === undefined || (run !== undefined && mark.run !== run)) return [];
      return [
        {where, run: mark.run, debts: mark.debts, isOn: debt => isDeepStrictEqual(debt.undo.args['on'], workload.at)},
      ];
    } catch {
      return run === undefined ? [{where, run: undefined, debts: [], isOn: () => false}] : [];
    }
  });
  return readMarks(found, {driver: 'kubernetes', version: OPS_VERSION, endpoint, undos: UNDOS});
}

function merged(old: readonly Debt[], added: readonly Debt[]): readonly Debt[] {
  const replaced = old.map(debt => added.find(one => one.id === debt.id) ?? debt);
  return [...replaced, ...added.filter(debt => !old.some(one => one.id === debt.id))];
}

function same(a: WorkloadMark | undefined, b: WorkloadMark): boolean {
  return a !== undefined && fingerprint(a.debts) === fingerprint(b.debts) && a.epoch === b.epoch;
}
