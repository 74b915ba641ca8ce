import type {Change, TargetRef, Undo} from '../../../../contract.js';
import type {Cluster} from '../../api/cluster.js';
import {describeLocator, parseObject, type WorkloadKind} from '../../api/identity.js';
import {Controllers, findPod, podAt, podFacets, readinessOf} from '../../api/pods.js';
import {DELETE_PODS, patchRight, requireRights} from '../../api/rights.js';
import {findSame, resourceOf, type Workload} from '../../api/workloads.js';
import {OPS, type ReadyArgs} from '../../ops.js';
import {kubectl, opOf, unmark, unsuitable} from '../drafting.js';

export async function draftDelete(cluster: Cluster, ref: TargetRef, graceSeconds: number | undefined): Promise<Change> {
  const identity = parseObject(ref.object);
  if (identity?.self.kind !== 'pod')
    throw unsuitable(`\`delete\` hits pods; \`${ref.name}\` is a ${ref.kind}`, 'leave `kind` out, or use `scale`');
  const pod = await findPod(cluster, identity.self);
  if (pod === undefined || podAt(pod).uid !== identity.self.uid)
    throw unsuitable(`${describeLocator(identity.self)} does not exist any more`);
  const owner = identity.owner === undefined ? undefined : await findSame(cluster, identity.owner);
  const grace = graceSeconds === undefined ? {} : {graceSeconds};
  const change = {
    target: ref,
    proof: opOf(OPS.podDeleted, ref, {pod: identity.self}),
    claims: ['pod'],
    keeper: 'guardian',
  } as const;
  if (owner === undefined) {
    await requireRights(cluster, [DELETE_PODS]);
    const controller = await new Controllers(cluster).of(pod);
    const why = 'none' in controller ? controller.none : 'its controller is another one than when it was selected';
    return {
      ...change,
      summary: `delete ${describeLocator(identity.self)}; nothing creates it again`,
      flip: opOf(OPS.deletePod, ref, {pod: identity.self, ...grace}),
      undo: {irreversible: `nobody puts ${describeLocator(identity.self)} back: ${why}`},
      touches: Object.keys(podFacets(pod)),
    };
  }
  await requireRights(cluster, [DELETE_PODS, patchRight(resourceOf(owner.at.kind))]);
  const {ready} = await readinessOf(cluster, owner);
  return {
    ...change,
    summary: `delete ${describeLocator(identity.self)} (uid ${identity.self.uid}); ${describeLocator(owner.at)} must replace it`,
    flip: opOf(OPS.deletePod, ref, {pod: identity.self, on: owner.at, ...grace}),
    undo: awaitReady(cluster, ref, owner, ready),
    platformHeals: true,
    touches: [],
  };
}

/** Nobody but the controller can bring a pod back: what is owed is that its work is done and seen. */
function awaitReady(cluster: Cluster, ref: TargetRef, owner: Workload, ready: number): Undo {
  const args: ReadyArgs = {on: owner.at, ready};
  return {
    ...opOf(OPS.awaitReady, ref, args),
    lifetime: 'object',
    proof: opOf(OPS.ready, ref, args),
    manual: `${kubectl(cluster)} wait ${owner.at.kind}/${owner.at.name} --for=jsonpath='{.status.${READY_FIELD[owner.at.kind]}}'=${ready} --timeout=5m && ${kubectl(cluster)} ${unmark(owner.at)}`,
  };
}

/** Where the controller itself reports its ready pods. */
const READY_FIELD: Readonly<Record<WorkloadKind, string>> = {
  deployment: 'readyReplicas',
  statefulset: 'readyReplicas',
  replicaset: 'readyReplicas',
  daemonset: 'numberReady',
};
