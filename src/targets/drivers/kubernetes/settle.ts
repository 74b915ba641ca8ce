import {setTimeout as delay} from 'node:timers/promises';
import {describeError} from '../../../system/error.js';
import type {Debt, Fence, Settled} from '../../contract.js';
import {type Cluster, type Deadline, mayPass} from './cluster.js';
import {requestFailureIn} from './failure.js';
import {describeLocator} from './identity.js';
import {markAnnotations, readMark, revise, takeOffMark} from './marks.js';
import {markedArgs, OPS, OPS_VERSION, type ReadyArgs, readyArgs, type ScaleArgs, scaleArgs} from './ops.js';
import {readyAgain} from './proofs.js';
import {findSame, type Workload} from './workloads.js';

/** How often readiness is looked at while a controller works. */
const POLL_MS = 500;

type Good = {readonly outcome: 'undone' | 'already' | 'gone' | 'superseded'; readonly detail?: string};
type Bad = {readonly outcome: 'failed' | 'unknown'; readonly why: string};
type Outcome = Good | Bad;

/** What settling needs beside the debt. */
export interface Bench {
  readonly cluster: Cluster;
  readonly endpoint: string;
  readonly fence: Fence;
  readonly deadline: Deadline;
}

/** Undo, verify, unmark. Never rejects; the mark stays while the undo is not verified. */
export async function settleOne(bench: Bench, debt: Debt): Promise<Settled> {
  const outcome = await attempt(bench, debt).catch((error: unknown): Outcome => {
    return {outcome: 'unknown', why: describeError(error)};
  });
  return 'why' in outcome ? {debt: debt.id, ...outcome, manual: debt.undo.manual} : {debt: debt.id, ...outcome};
}

async function attempt(bench: Bench, debt: Debt): Promise<Outcome> {
  const refused = refusal(bench, debt);
  if (refused !== undefined) return refused;
  const {undo} = debt;
  const outcome =
    undo.op === OPS.restore
      ? await restore(bench, debt, scaleArgs().parse(undo.args))
      : await awaitReady(bench, debt, readyArgs().parse(undo.args));
  if ('why' in outcome) return outcome;
  const {on} = markedArgs().parse(undo.args);
  try {
    await takeOffMark(bench.cluster, on, debt, bench.deadline);
    return outcome;
  } catch (error) {
    const why = `nothing is left to undo on ${describeLocator(on)}, but its mark could not be removed: ${describeError(error)}`;
    return {outcome: 'unknown', why};
  }
}

function refusal({endpoint, fence}: Bench, {undo, driver}: Debt): Bad | undefined {
  if (!fence.live()) return {outcome: 'unknown', why: `run ${fence.run} was taken over: its new owner settles this`};
  if (undo.ref.endpoint !== endpoint)
    return {
      outcome: 'failed',
      why: `the debt belongs to another cluster (kube-system ${undo.ref.endpoint}); this one is ${endpoint}`,
    };
  const known = undo.op === OPS.restore || undo.op === OPS.awaitReady;
  if (known && undo.v === OPS_VERSION && driver === `kubernetes@${OPS_VERSION}`) return undefined;
  return {
    outcome: 'failed',
    why: `\`${undo.op}\` (version ${undo.v}) was written by driver ${driver}; it takes a version of Firedrill with that driver to undo it`,
  };
}

/** Where a mark stands, only what is on it is owed. Without one (someone stripped it) the values alone decide. */
function notOwed(workload: Workload, debt: Debt): Good | undefined {
  const mark = readMark(workload);
  if (mark === undefined || (mark.run === debt.run && mark.debts.some(one => one.id === debt.id))) return undefined;
  return {
    outcome: 'already',
    detail: `${describeLocator(workload.at)} carries the mark of run ${mark.run}, and this debt is not on it`,
  };
}

/** The old number of replicas, only while ours is still there. */
async function restore({cluster, fence, deadline}: Bench, debt: Debt, args: ScaleArgs): Promise<Outcome> {
  const {on, was, ours} = args;
  const seen: {wrote: boolean; settled?: Good | undefined} = {wrote: false};
  const decide = (workload: Workload) => {
    seen.settled = notOwed(workload, debt);
    if (workload.replicas !== ours || seen.settled !== undefined) return undefined;
    if (!fence.live()) throw new Error(`run ${fence.run} was taken over meanwhile: its new owner settles this`);
    seen.wrote = true;
    const mark = readMark(workload);
    return {annotations: mark === undefined ? {} : markAnnotations(mark), replicas: was};
  };
  const last = await revise(cluster, on, decide, deadline);
  if (last === undefined) return {outcome: 'gone', detail: `${describeLocator(on)} does not exist any more`};
  // `revise` ends with a read that shows something else than our number: that read is the verification.
  if (seen.wrote && last.replicas === was) return {outcome: 'undone'};
  if (seen.settled !== undefined) return seen.settled;
  if (last.replicas === was) return {outcome: 'already'};
  return {
    outcome: 'superseded',
    detail: `${describeLocator(on)} has ${last.replicas} replicas: someone else changed it (before ${was}, ours ${ours})`,
  };
}

/** A deleted pod is put back by its controller alone: this waits until it has, as long as the budget allows. */
async function awaitReady(bench: Bench, debt: Debt, args: ReadyArgs): Promise<Outcome> {
  const {fence, deadline} = bench;
  let last: Good | Pending = NOT_LOOKED;
  for (let tries = 1; ; tries++) {
    // A look that the end of the budget cuts off tells nothing new.
    const seen: Good | Pending = (await look(bench, debt, args)) ?? last;
    last = seen;
    if ('outcome' in seen) return seen.outcome === 'already' && tries > 1 ? {outcome: 'undone'} : seen;
    if (!fence.live()) return {outcome: 'unknown', why: `run ${fence.run} was taken over: its new owner settles this`};
    if (deadline.left() <= POLL_MS) return {outcome: seen.read ? 'failed' : 'unknown', why: seen.why};
    await delay(POLL_MS);
  }
}

type Pending = {readonly read: boolean; readonly why: string};

const NOT_LOOKED: Pending = {read: false, why: 'the cluster did not answer in time'};

/**
 * One look at the workload; undefined where the budget ended in the middle of it. A cluster that does not answer for a
 * moment is no reason to give up.
 */
async function look({cluster, deadline}: Bench, debt: Debt, args: ReadyArgs): Promise<Good | Pending | undefined> {
  const patience = AbortSignal.timeout(Math.max(1, Math.ceil(deadline.left())));
  try {
    const workload = await findSame(cluster, args.on, patience);
    if (workload === undefined) return {outcome: 'gone', detail: `${describeLocator(args.on)} does not exist any more`};
    const settled = notOwed(workload, debt);
    if (settled !== undefined) return settled;
    const answer = await readyAgain(cluster, args, patience);
    if (answer.state === 'absent') return {outcome: 'already'};
    return {read: true, why: answer.why ?? 'it is not ready again'};
  } catch (error) {
    if (patience.aborted) return undefined;
    const failure = requestFailureIn(error);
    if (failure === undefined || !mayPass(failure)) throw error;
    return {read: false, why: describeError(error)};
  }
}
