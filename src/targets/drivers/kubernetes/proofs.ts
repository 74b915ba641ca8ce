import type {JsonObject} from '../../../quantities/json.js';
import {describeError} from '../../../system/error.js';
import type {Op, Proof} from '../../contract.js';
import type {Cluster} from './cluster.js';
import {describeLocator, parseObject} from './identity.js';
import {deleteArgs, OPS, OPS_VERSION, type ReadyArgs, readyArgs, scaleArgs} from './ops.js';
import {findPod, isReady, podAt, readinessOf, restartsOf} from './pods.js';
import {findSame} from './workloads.js';

/** A proof without its frame. */
interface Answer {
  readonly state: Proof['state'];
  readonly readings: JsonObject;
  readonly why?: string;
}

/** Reads one proof. Never rejects but with the signal's reason: what cannot be read is `unknown`. */
export async function readProof(cluster: Cluster, endpoint: string, op: Op, signal: AbortSignal): Promise<Proof> {
  const answer = await read(cluster, endpoint, op, signal).catch((error: unknown): Answer => {
    if (signal.aborted) throw signal.reason;
    return {state: 'unknown', readings: {}, why: describeError(error)};
  });
  return {ref: op.ref, exercised: null, at: cluster.clock.now(), ...answer};
}

async function read(cluster: Cluster, endpoint: string, op: Op, signal: AbortSignal): Promise<Answer> {
  if (op.ref.endpoint !== endpoint) return unknown(`it is about another cluster (${op.ref.endpoint})`);
  if (op.v !== OPS_VERSION) return unknown(`\`${op.op}\` of version ${op.v} cannot be read by this version`);
  switch (op.op) {
    case OPS.podDeleted:
      return podDeleted(cluster, op, signal);
    case OPS.ready:
      return readyAgain(cluster, readyArgs().parse(op.args), signal);
    case OPS.scaled:
      return scaled(cluster, op, signal);
    case OPS.restored:
      return restored(cluster, op, signal);
    case OPS.observe:
      return observe(cluster, op, signal);
    default:
      return unknown(`the driver has no proof \`${op.op}\``);
  }
}

const unknown = (why: string): Answer => ({state: 'unknown', readings: {}, why});

async function podDeleted(cluster: Cluster, op: Op, signal: AbortSignal): Promise<Answer> {
  const {pod} = deleteArgs().parse(op.args);
  const found = await findPod(cluster, pod, signal);
  if (found === undefined || podAt(found).uid !== pod.uid) return {state: 'in-force', readings: {pod: 'gone'}};
  const ending = found.metadata?.deletionTimestamp !== undefined;
  return {state: ending ? 'in-force' : 'absent', readings: {pod: ending ? 'ending' : 'there'}};
}

/** As many pods are ready as before, or as the workload is asked to have by now, if that is less. */
export async function readyAgain(cluster: Cluster, {on, ready}: ReadyArgs, signal: AbortSignal): Promise<Answer> {
  const workload = await findSame(cluster, on, signal);
  if (workload === undefined) return gone(describeLocator(on));
  const now = await readinessOf(cluster, workload, signal);
  const wanted = Math.min(ready, now.replicas);
  const readings = {ready: now.ready, wanted, restarts: now.restarts};
  if (now.ready >= wanted) return {state: 'absent', readings};
  return {state: 'in-force', readings, why: `${now.ready} of ${wanted} pods of ${describeLocator(on)} are ready`};
}

const gone = (what: string): Answer => ({state: 'absent', readings: {}, why: `${what} does not exist any more`});

async function scaled(cluster: Cluster, op: Op, signal: AbortSignal): Promise<Answer> {
  const {on, ours} = scaleArgs().parse(op.args);
  const workload = await findSame(cluster, on, signal);
  if (workload === undefined) return gone(describeLocator(on));
  const {replicas, current, observed} = workload;
  const readings = {asked: replicas, current};
  if (replicas !== ours) return {state: 'absent', readings, why: `spec.replicas is ${replicas}, not ${ours}`};
  if (observed && current === ours) return {state: 'in-force', readings};
  return {state: 'absent', readings, why: `its controller has not acted yet: ${current} pods, ${ours} asked for`};
}

async function restored(cluster: Cluster, op: Op, signal: AbortSignal): Promise<Answer> {
  const {on, ours} = scaleArgs().parse(op.args);
  const workload = await findSame(cluster, on, signal);
  if (workload === undefined) return gone(describeLocator(on));
  return {state: workload.replicas === ours ? 'in-force' : 'absent', readings: {asked: workload.replicas}};
}

/** What the probe shows of a reference: of its workload where it has one, else of the single pod. */
async function observe(cluster: Cluster, op: Op, signal: AbortSignal): Promise<Answer> {
  const identity = parseObject(op.ref.object);
  if (identity === undefined) return unknown(`\`${op.ref.object}\` is no reference of this driver`);
  const {self, owner} = identity;
  const at = self.kind === 'pod' ? owner : self;
  if (at !== undefined) {
    const workload = await findSame(cluster, at, signal);
    if (workload === undefined) return gone(describeLocator(at));
    const {ready, replicas, restarts} = await readinessOf(cluster, workload, signal);
    return {state: 'in-force', readings: {subject: describeLocator(at), ready, replicas, restarts}};
  }
  const pod = await findPod(cluster, self, signal);
  if (pod === undefined || podAt(pod).uid !== self.uid) return gone(describeLocator(self));
  const readings = {ready: isReady(pod) ? 1 : 0, replicas: 1, restarts: restartsOf([pod])};
  return {state: 'in-force', readings: {subject: describeLocator(self), ...readings}};
}
