import {FiredrillError} from '../../../system/error.js';
import type {Change, Drafts, Op, TargetRef, Undo} from '../../contract.js';
import type {Cluster} from './cluster.js';
import {describeLocator, parseObject, type PodLocator, type WorkloadKind, type WorkloadLocator} from './identity.js';
import {DEBTS_ANNOTATION, RUN_ANNOTATION} from './marks.js';
import {asArgs, type DeleteArgs, OPS, OPS_VERSION, type ReadyArgs, type ScaleArgs} from './ops.js';
import {Controllers, findPod, podAt, podFacets, readinessOf} from './pods.js';
import {DELETE_PODS, LIST_AUTOSCALERS, patchRight, requireRights} from './rights.js';
import {findSame, resourceOf, type Workload} from './workloads.js';
import {quoteForShell} from '../shell-words.js';

/** Drafts read the cluster, and what they answer is data: nothing is changed here. */
export function workloadDrafts(cluster: Cluster): Drafts['workload'] {
  return {
    delete: (target, options) => draftDelete(cluster, target, options.graceSeconds),
    scale: (target, options) => draftScale(cluster, target, options.replicas),
  };
}

function opOf(op: string, ref: TargetRef, args: DeleteArgs | ReadyArgs | ScaleArgs): Op {
  return {op, v: OPS_VERSION, ref, args: asArgs(args)};
}

function unsuitable(message: string, hint?: string): FiredrillError {
  return new FiredrillError('TARGET_UNSUITABLE', message, {hint});
}

async function draftDelete(cluster: Cluster, ref: TargetRef, graceSeconds: number | undefined): Promise<Change> {
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

const kubectl = ({context, namespace}: Cluster) => `kubectl --context ${quoteForShell(context)} -n ${namespace}`;
const unmark = ({kind, name}: WorkloadLocator) => `annotate ${kind}/${name} ${DEBTS_ANNOTATION}- ${RUN_ANNOTATION}-`;

async function draftScale(cluster: Cluster, ref: TargetRef, ours: number): Promise<Change> {
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
