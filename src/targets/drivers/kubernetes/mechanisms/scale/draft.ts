import type {FiredrillError} from '../../../../../system/error.js';
import type {Change, TargetRef} from '../../../../contract.js';
import type {Cluster} from '../../api/cluster.js';
import {describeLocator, parseObject, type PodLocator, type WorkloadLocator} from '../../api/identity.js';
import {LIST_AUTOSCALERS, patchRight, requireRights} from '../../api/rights.js';
import {findSame, resourceOf} from '../../api/workloads.js';
import {OPS, type ScaleArgs} from '../../ops.js';
import {kubectl, opOf, unmark, unsuitable} from '../drafting.js';

export async function draftScale(cluster: Cluster, ref: TargetRef, ours: number): Promise<Change> {
  const self = parseObject(ref.object)?.self;
  if (self === undefined || self.kind === 'pod' || self.kind === 'daemonset') throw notScalable(ref, self);
  const workload = await findSame(cluster, self);
  if (workload === undefined) throw unsuitable(`${describeLocator(self)} does not exist any more`);
  const what = describeLocator(self);
  const {owner, replicas: was} = workload;
  if (owner !== undefined)
    throw unsuitable(
      `${what} is managed by ${owner.kind} \`${owner.name}\`, which would set its replicas back`,
      `select ${owner.kind.toLowerCase()} \`${owner.name}\` instead`,
    );
  if (was === ours) throw unsuitable(`${what} already has ${ours} replicas: \`scale\` would change nothing`);
  await requireRights(cluster, [patchRight(resourceOf(self.kind)), LIST_AUTOSCALERS]);
  await refuseAutoscaled(cluster, self);
  const args: ScaleArgs = {on: self, was, ours};
  return {
    target: ref,
    summary: `set spec.replicas of ${what} from ${was} to ${ours}`,
    flip: opOf(OPS.scale, ref, args),
    proof: opOf(OPS.scaled, ref, args),
    undo: {
      ...opOf(OPS.restore, ref, args),
      lifetime: 'object',
      restore: {was, ours},
      proof: opOf(OPS.restored, ref, args),
      manual: `${kubectl(cluster)} scale ${self.kind}/${self.name} --replicas=${was} && ${kubectl(cluster)} ${unmark(self)}`,
    },
    claims: ['replicas'],
    touches: ['replicas'],
    keeper: 'guardian',
  };
}

function notScalable(ref: TargetRef, self: PodLocator | WorkloadLocator | undefined): FiredrillError {
  return unsuitable(
    `\`scale\` hits deployments, statefulsets and replicasets; \`${ref.name}\` is a ${self?.kind ?? ref.kind}`,
    'say `kind: deployment` in the selector',
  );
}

/** An autoscaler would set the number back at once: the fault would not hold, and the undo would be superseded. */
async function refuseAutoscaled(cluster: Cluster, {kind, name, namespace}: WorkloadLocator): Promise<void> {
  const {items} = await cluster.read({verb: 'list', resource: 'horizontalpodautoscalers', namespace}, options =>
    cluster.autoscaling.listNamespacedHorizontalPodAutoscaler({namespace}, options),
  );
  const by = items.find(
    ({spec}) => spec?.scaleTargetRef.kind.toLowerCase() === kind && spec.scaleTargetRef.name === name,
  );
  if (by !== undefined)
    throw unsuitable(
      `${describeLocator({kind, name, namespace, uid: ''})} is scaled by the HorizontalPodAutoscaler \`${by.metadata?.name ?? ''}\`, which would undo \`scale\` at once`,
      'delete a pod instead, or take the autoscaler away for the experiment',
    );
}
