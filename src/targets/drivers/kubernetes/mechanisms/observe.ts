import {describeLocator, parseObject} from '../api/identity.js';
import {findPod, isReady, podAt, readinessOf, restartsOf} from '../api/pods.js';
import {findSame} from '../api/workloads.js';
import {gone, type ClusterQuestion} from './operation.js';

/** What the probe shows of a reference: of its workload where it has one, else of the single pod. */
export const observe: ClusterQuestion = async (cluster, op, signal) => {
  const identity = parseObject(op.ref.object);
  if (identity === undefined) {
    const why = `\`${op.ref.object}\` is no reference of this driver`;
    return {state: 'unknown', readings: {}, why};
  }
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
};
