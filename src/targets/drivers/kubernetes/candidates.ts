import type {V1Pod} from '@kubernetes/client-node';
import type {JsonObject} from '../../../quantities/json.js';
import type {Ambient, Candidate} from '../../contract.js';
import type {Cluster} from './api/cluster.js';
import {describeLocator, formatObject, type WorkloadKind} from './api/identity.js';
import {
  type Controller,
  Controllers,
  isReady,
  listPods,
  ownWorkload,
  podAt,
  podFacets,
  podIncarnation,
  podStatus,
  restartsOf,
} from './api/pods.js';
import {listWorkloads, type Workload} from './api/workloads.js';

const PROTECT = 'firedrill.protect';
const SYSTEM_NAMESPACE = 'kube-system';

/** What of this cluster must never be hit because of who we are. */
interface Ourselves {
  readonly pod: string | undefined;
  readonly workload: string | undefined;
}

/**
 * The pods or workloads that a selector means. The server filters by label and name; nothing found is an empty list.
 */
export async function resolveCandidates(
  cluster: Cluster,
  endpoint: string,
  selector: JsonObject,
  options: {ambient: Ambient; signal: AbortSignal},
): Promise<readonly Candidate[]> {
  const {signal} = options;
  const filter = filterOf(selector);
  const ourselves = await findOurselves(cluster, options.ambient, signal);
  const kind = selector['kind'] ?? 'pod';
  if (kind !== 'pod') {
    const workloads = await listWorkloads(cluster, kind as WorkloadKind, filter, signal);
    return workloads.map(workload => workloadCandidate(workload, endpoint, ourselves));
  }
  const pods = (await listPods(cluster, filter, signal)).filter(isPresent);
  const controllers = new Controllers(cluster);
  return Promise.all(
    pods.map(async pod => {
      const controller = await controllers.of(pod, signal);
      return podCandidate(pod, controller, {endpoint, ourselves});
    }),
  );
}

function filterOf(selector: JsonObject): {labelSelector?: string; fieldSelector?: string} {
  const {labels, name} = selector;
  const wanted = Object.entries((labels ?? {}) as Readonly<Record<string, string>>);
  return {
    ...(wanted.length === 0 ? {} : {labelSelector: wanted.map(([key, value]) => `${key}=${value}`).join()}),
    ...(typeof name === 'string' ? {fieldSelector: `metadata.name=${name}`} : {}),
  };
}

/** A pod that is ending or has finished its work is no target any more. */
function isPresent(pod: V1Pod): boolean {
  return pod.metadata?.deletionTimestamp === undefined && !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '');
}

/** Inside a cluster the host name is the pod's name. */
async function findOurselves(cluster: Cluster, ambient: Ambient, signal: AbortSignal): Promise<Ourselves> {
  const {KUBERNETES_SERVICE_HOST: inside, HOSTNAME: hostname} = ambient.environment;
  if (inside === undefined || hostname === undefined) return {pod: undefined, workload: undefined};
  return {pod: hostname, workload: await ownWorkload(cluster, hostname, signal)};
}

function workloadCandidate(workload: Workload, endpoint: string, ourselves: Ourselves): Candidate {
  const {at, replicas, current, facets, selector} = workload;
  const what = describeLocator(at);
  const protectedBy = ourselves.workload === what ? 'Firedrill runs in it' : protection(workload, at.namespace);
  return {
    ref: {
      driver: 'kubernetes',
      kind: 'workload',
      name: `${at.kind}/${at.name}`,
      endpoint,
      object: formatObject({self: at}),
      incarnation: at.uid,
    },
    status: `${current} of ${replicas} replicas`,
    ...(protectedBy === undefined ? {} : {protectedBy}),
    details: {namespace: at.namespace, replicas, images: facets['images'] ?? [], pods: selector},
  };
}

function podCandidate(
  pod: V1Pod,
  controller: Controller,
  {endpoint, ourselves}: {endpoint: string; ourselves: Ourselves},
): Candidate {
  const self = podAt(pod);
  const owner = 'workload' in controller ? controller.workload : undefined;
  const protectedBy = podProtection(pod, owner, ourselves);
  return {
    ref: {
      driver: 'kubernetes',
      kind: 'pod',
      name: self.name,
      endpoint,
      object: formatObject(owner === undefined ? {self} : {self, owner: owner.at}),
      incarnation: podIncarnation(pod),
    },
    status: podStatus(pod),
    ...(protectedBy === undefined ? {} : {protectedBy}),
    details: {
      namespace: self.namespace,
      ready: isReady(pod),
      restarts: restartsOf([pod]),
      controller: 'none' in controller ? controller.none : describeLocator(controller.workload.at),
      ...podFacets(pod),
    },
  };
}

function podProtection(pod: V1Pod, owner: Workload | undefined, ourselves: Ourselves): string | undefined {
  const {namespace, name} = podAt(pod);
  const labels = pod.metadata?.labels ?? {};
  const annotations = pod.metadata?.annotations ?? {};
  if (ourselves.pod === name) return 'Firedrill runs in it';
  if ('kubernetes.io/config.mirror' in annotations)
    return 'a static pod: its kubelet runs it from a file, the API only shows it';
  const own = protection({labels, annotations}, namespace);
  return own ?? (owner === undefined ? undefined : protection(owner, namespace));
}

type MetadataMap = Readonly<Record<string, string>>;

function protection(
  {labels, annotations}: {labels: MetadataMap; annotations: MetadataMap},
  namespace: string,
): string | undefined {
  if (labels[PROTECT] === 'true') return `label ${PROTECT}=true`;
  if (annotations[PROTECT] === 'true') return `annotation ${PROTECT}=true`;
  return namespace === SYSTEM_NAMESPACE ? `namespace ${SYSTEM_NAMESPACE}` : undefined;
}
