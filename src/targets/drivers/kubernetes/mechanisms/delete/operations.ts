import {signalWithin} from '../../../../../system/clock.js';
import {mayPass, pause, type Cluster} from '../../api/cluster.js';
import {requestFailureIn} from '../../api/failure.js';
import {describeLocator, type PodLocator} from '../../api/identity.js';
import {findPod, podAt, readinessOf} from '../../api/pods.js';
import {findSame} from '../../api/workloads.js';
import {deleteArgs, OPS, readyArgs, type DeleteArgs} from '../../ops.js';
import {gone, Refusal, requireMark, type Flip, type ClusterQuestion, type Undoing} from '../operation.js';

const deletePod: Flip = async (cluster, op, {fence, left}) => {
  const args = deleteArgs().parse(op.args);
  const {pod, on} = args;
  if (on !== undefined) requireMark(await findSame(cluster, on, signalWithin(left())), on, fence);
  for (let tries = 1; ; tries++) {
    const state = await stateOf(cluster, pod, signalWithin(left()));
    // After a lost answer an ending pod shows our own deletion; at the first look it is someone else's.
    if (state !== 'there' && tries > 1) return;
    if (state !== 'there') throw new Refusal(`${describeLocator(pod)} ${state}`);
    if (!fence.live()) throw new Refusal(`run ${fence.run} was taken over by someone else`);
    try {
      await sendDeletion(cluster, args, left());
      return;
    } catch (error) {
      const failure = requestFailureIn(error);
      if (failure?.status === 404) continue;
      if (failure === undefined || !mayPass(failure) || !(await pause(cluster, failure, {tries, left}))) throw error;
    }
  }
};

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

/** `in-force` once that very pod is ending or gone. */
const podDeleted: ClusterQuestion = async (cluster, op, signal) => {
  const {pod} = deleteArgs().parse(op.args);
  const found = await findPod(cluster, pod, signal);
  if (found === undefined || podAt(found).uid !== pod.uid) return {state: 'in-force', readings: {pod: 'gone'}};
  const ending = found.metadata?.deletionTimestamp !== undefined;
  return {state: ending ? 'in-force' : 'absent', readings: {pod: ending ? 'ending' : 'there'}};
};

/** As many pods are ready as before, or as the workload is asked to have by now, if that is less. */
const readyAgain: ClusterQuestion = async (cluster, op, signal) => {
  const {on, ready} = readyArgs().parse(op.args);
  const workload = await findSame(cluster, on, signal);
  if (workload === undefined) return gone(describeLocator(on));
  const now = await readinessOf(cluster, workload, signal);
  const wanted = Math.min(ready, now.replicas);
  const readings = {ready: now.ready, wanted, restarts: now.restarts};
  if (now.ready >= wanted) return {state: 'absent', readings};
  return {state: 'in-force', readings, why: `${now.ready} of ${wanted} pods of ${describeLocator(on)} are ready`};
};

/** Nothing is put back by us: the controller's work is awaited. */
const awaiting: Undoing = {
  standing: async (cluster, {undo}, {signal}) => {
    const answer = await readyAgain(cluster, undo.proof, signal);
    return answer.state === 'absent'
      ? {state: 'nothing'}
      : {state: 'owed', shows: answer.why ?? 'it is not ready again'};
  },
  carryOut: () => Promise.resolve({state: 'done', said: 'its controller has to put it back'}),
};

export const flips = {[OPS.deletePod]: deletePod};
export const questions = {[OPS.podDeleted]: podDeleted, [OPS.ready]: readyAgain};
export const undos = {[OPS.awaitReady]: awaiting};
