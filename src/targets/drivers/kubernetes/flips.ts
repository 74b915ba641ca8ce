import {describeError} from '../../../system/error.js';
import type {Applied, Fence, Op} from '../../contract.js';
import {type Cluster, type Deadline, deadlineIn, mayPass, pause} from './cluster.js';
import {requestFailureIn} from './failure.js';
import {describeLocator, type PodLocator, type WorkloadLocator} from './identity.js';
import {markAnnotations, readMark, revise} from './marks.js';
import {type DeleteArgs, deleteArgs, OPS, OPS_VERSION, type ScaleArgs, scaleArgs} from './ops.js';
import {findPod, podAt} from './pods.js';
import {findSame, type Workload} from './workloads.js';

/** How long a scale waits for the controller to act; after that the proof tells how far it is. */
const CONTROLLER_MS = 5_000;
const POLL_MS = 100;

/** Why nothing was done. */
class Refusal extends Error {}

/** Carries out one operation. Never rejects. */
export async function flip(
  cluster: Cluster,
  endpoint: string,
  op: Op,
  {fence, deadline}: {fence: Fence; deadline: Deadline},
): Promise<Applied> {
  try {
    if (!fence.live()) throw new Refusal(`run ${fence.run} was taken over by someone else`);
    if (op.ref.endpoint !== endpoint) throw new Refusal(`it is meant for another cluster (${op.ref.endpoint})`);
    if (op.v !== OPS_VERSION) throw new Refusal(`\`${op.op}\` of version ${op.v} is not known here`);
    if (op.op === OPS.deletePod) await deletePod(cluster, deleteArgs().parse(op.args), fence, deadline);
    else if (op.op === OPS.scale) await scale(cluster, scaleArgs().parse(op.args), fence, deadline);
    else throw new Refusal(`the driver has no operation \`${op.op}\``);
    return {op, state: 'done'};
  } catch (error) {
    if (error instanceof Refusal) return {op, state: 'refused', why: error.message};
    const failure = requestFailureIn(error);
    const answered = failure !== undefined && failure.status >= 400 && failure.status < 500;
    return {op, state: answered ? 'refused' : 'unknown', why: describeError(error)};
  }
}

/** The debt comes first: without it on the owner nothing is done. */
function requireMark(workload: Workload | undefined, at: WorkloadLocator, fence: Fence) {
  if (workload === undefined) throw new Refusal(`${describeLocator(at)} does not exist any more`);
  const mark = readMark(workload);
  if (mark?.run === fence.run && mark.epoch <= fence.epoch) return mark;
  const who = mark === undefined ? 'nobody owes anything on it' : `run ${mark.run}, epoch ${mark.epoch} owes on it`;
  throw new Refusal(`${describeLocator(at)} does not carry the mark of run ${fence.run}: ${who}`);
}

async function deletePod(cluster: Cluster, args: DeleteArgs, fence: Fence, deadline: Deadline): Promise<void> {
  const {pod, on} = args;
  if (on !== undefined) requireMark(await findSame(cluster, on, patience(deadline)), on, fence);
  for (let tries = 1; ; tries++) {
    const state = await stateOf(cluster, pod, patience(deadline));
    // After a lost answer an ending pod shows our own deletion; at the first look it is someone else's.
    if (state !== 'there' && tries > 1) return;
    if (state !== 'there') throw new Refusal(`${describeLocator(pod)} ${state}`);
    if (!fence.live()) throw new Refusal(`run ${fence.run} was taken over by someone else`);
    try {
      await sendDeletion(cluster, args, deadline.left());
      return;
    } catch (error) {
      const failure = requestFailureIn(error);
      if (failure?.status === 404) continue;
      if (failure === undefined || !mayPass(failure) || !(await pause(cluster, failure, {tries, deadline})))
        throw error;
    }
  }
}

const patience = (deadline: Deadline) => AbortSignal.timeout(Math.max(1, Math.ceil(deadline.left())));

async function stateOf(
  cluster: Cluster,
  pod: PodLocator,
  signal: AbortSignal,
): Promise<'there' | 'is already ending' | 'does not exist any more'> {
  const found = await findPod(cluster, pod, signal);
  if (found === undefined || podAt(found).uid !== pod.uid) return 'does not exist any more';
  return found.metadata?.deletionTimestamp === undefined ? 'there' : 'is already ending';
}

/** Only this very pod: the server compares the uid, so that a successor of the same name is never hit. */
async function sendDeletion(cluster: Cluster, {pod, graceSeconds}: DeleteArgs, budgetMs: number): Promise<void> {
  const {name, namespace, uid} = pod;
  const {V1DeleteOptions, V1Preconditions} = cluster.sdk;
  const body = Object.assign(new V1DeleteOptions(), {preconditions: Object.assign(new V1Preconditions(), {uid})});
  if (graceSeconds !== undefined) body.gracePeriodSeconds = graceSeconds;
  await cluster.change(
    {verb: 'delete', resource: 'pods', namespace, name},
    options => cluster.core.deleteNamespacedPod({name, namespace, body}, options),
    budgetMs,
  );
}

async function scale(cluster: Cluster, args: ScaleArgs, fence: Fence, deadline: Deadline): Promise<void> {
  const {on, was, ours} = args;
  const found = await revise(
    cluster,
    on,
    workload => {
      const mark = requireMark(workload, on, fence);
      if (!fence.live()) throw new Refusal(`run ${fence.run} was taken over by someone else`);
      if (workload.replicas === ours) return undefined;
      if (workload.replicas !== was)
        throw new Refusal(`${describeLocator(on)} has ${workload.replicas} replicas by now; ${was} were planned for`);
      // Replicas and mark in one patch, on the version just read: the number never stands there without its debt.
      return {annotations: markAnnotations(mark), replicas: ours};
    },
    deadline,
  );
  if (found === undefined) throw new Refusal(`${describeLocator(on)} does not exist any more`);
  await controllerActed(cluster, on, ours, Math.min(CONTROLLER_MS, deadline.left()));
}

/** The fault begins when pods come or go, not when the number is written: T0 would be too early otherwise. */
async function controllerActed(cluster: Cluster, at: WorkloadLocator, ours: number, budgetMs: number): Promise<void> {
  const deadline = deadlineIn(cluster, budgetMs);
  const enough = patience(deadline);
  try {
    while (deadline.left() > 0) {
      const now = await findSame(cluster, at, enough);
      if (now === undefined || now.replicas !== ours || (now.observed && now.current === ours)) return;
      await cluster.clock.sleep(POLL_MS);
    }
  } catch (error) {
    // The number is written: that the controller is slow, or cannot be watched now, is for the proof to tell.
    if (!enough.aborted && requestFailureIn(error) === undefined) throw error;
  }
}
