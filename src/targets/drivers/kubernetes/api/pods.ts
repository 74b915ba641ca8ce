import type {V1Pod} from '@kubernetes/client-node';
import type {JsonObject} from '../../../../quantities/json.js';
import {allPages, type Cluster} from './cluster.js';
import {describeLocator, fingerprint, type PodLocator, type WorkloadKind, type WorkloadLocator} from './identity.js';
import {findSame, listWorkloads, type Workload} from './workloads.js';

/**
 * Controllers whose pods the driver can follow; others (Job, an operator's kind) can't be verified by counting pods.
 */
const KINDS: Readonly<Record<string, WorkloadKind>> = {
  Deployment: 'deployment',
  StatefulSet: 'statefulset',
  ReplicaSet: 'replicaset',
  DaemonSet: 'daemonset',
};

export async function listPods(
  cluster: Cluster,
  filter: {labelSelector?: string; fieldSelector?: string},
  signal?: AbortSignal,
): Promise<readonly V1Pod[]> {
  const {namespace} = cluster;
  return allPages(token =>
    cluster.read(
      {verb: 'list', resource: 'pods', namespace},
      options =>
        cluster.core.listNamespacedPod(
          {namespace, limit: 500, ...filter, ...(token === undefined ? {} : {_continue: token})},
          options,
        ),
      signal,
    ),
  );
}

/** The pod of this name, whatever its uid; undefined when there is none. */
export async function findPod(
  cluster: Cluster,
  {namespace, name}: {namespace: string; name: string},
  signal?: AbortSignal,
): Promise<V1Pod | undefined> {
  return cluster.find(
    {verb: 'get', resource: 'pods', namespace, name},
    options => cluster.core.readNamespacedPod({name, namespace}, options),
    signal,
  );
}

export function podAt(pod: V1Pod): PodLocator {
  const {metadata} = pod;
  return {kind: 'pod', namespace: metadata?.namespace ?? '', name: metadata?.name ?? '', uid: metadata?.uid ?? ''};
}

/** `Running`, `Pending`, `Terminating`, or why a container waits (`CrashLoopBackOff`), as kubectl shows it. */
export function podStatus(pod: V1Pod): string {
  if (pod.metadata?.deletionTimestamp !== undefined) return 'Terminating';
  const waiting = pod.status?.containerStatuses?.map(container => container.state?.waiting?.reason);
  return waiting?.find(reason => reason !== undefined) ?? pod.status?.phase ?? 'Unknown';
}

/** Changes when a container of the pod is started anew. */
export function podIncarnation(pod: V1Pod): string {
  const started = (pod.status?.containerStatuses ?? []).map(one => `${one.name}:${one.containerID ?? ''}`).sort();
  return fingerprint([pod.metadata?.uid, ...started]);
}

/** Properties of a pod that rest while nobody replaces it. */
export function podFacets(pod: V1Pod): JsonObject {
  return {
    images: (pod.spec?.containers ?? []).map(container => container.image ?? ''),
    labels: fingerprint(pod.metadata?.labels ?? {}),
    node: pod.spec?.nodeName ?? null,
  };
}

export function isReady(pod: V1Pod): boolean {
  const ready = pod.status?.conditions?.some(({type, status}) => type === 'Ready' && status === 'True');
  return ready === true && pod.metadata?.deletionTimestamp === undefined;
}

export function restartsOf(pods: readonly V1Pod[]): number {
  return pods.flatMap(pod => pod.status?.containerStatuses ?? []).reduce((sum, one) => sum + one.restartCount, 0);
}

/** Who replaces the pod: a workload, or why there is nobody whose work could be seen. */
export type Controller = {readonly workload: Workload} | {readonly none: string};

/** Walks from a pod to the outermost workload; asks for each workload once. */
export class Controllers {
  private readonly asked = new Map<string, Promise<Workload | undefined>>();

  constructor(private readonly cluster: Cluster) {}

  async of(pod: V1Pod, signal?: AbortSignal): Promise<Controller> {
    const {namespace} = podAt(pod);
    let owner: Workload['owner'] = pod.metadata?.ownerReferences?.find(one => one.controller);
    if (owner === undefined) return {none: 'it has no controller'};
    let workload: Workload | undefined;
    while (owner !== undefined) {
      const kind = KINDS[owner.kind];
      if (kind === undefined)
        return workload === undefined
          ? {none: `its controller is a ${owner.kind} (\`${owner.name}\`), whose recovery Firedrill cannot follow yet`}
          : {workload};
      const above = await this.find({kind, namespace, name: owner.name, uid: owner.uid}, signal);
      if (above === undefined) return {none: `its controller ${owner.kind} \`${owner.name}\` does not exist any more`};
      workload = above;
      owner = above.owner;
    }
    return workload === undefined ? {none: 'it has no controller'} : {workload};
  }

  private find(at: WorkloadLocator, signal?: AbortSignal): Promise<Workload | undefined> {
    const known = this.asked.get(at.uid) ?? findSame(this.cluster, at, signal);
    this.asked.set(at.uid, known);
    return known;
  }
}

/** The pods that belong to the workload, the ending ones too. */
export async function podsOf(cluster: Cluster, workload: Workload, signal?: AbortSignal): Promise<readonly V1Pod[]> {
  const filter = {labelSelector: workload.selector};
  const owners = new Set([workload.at.uid]);
  if (workload.at.kind === 'deployment')
    for (const set of await listWorkloads(cluster, 'replicaset', filter, signal))
      if (set.owner?.uid === workload.at.uid) owners.add(set.at.uid);
  const pods = await listPods(cluster, filter, signal);
  return pods.filter(pod => pod.metadata?.ownerReferences?.some(one => one.controller === true && owners.has(one.uid)));
}

/** Readiness of a workload, counted on its pods: the controller's own counters lag behind a deletion. */
interface Readiness {
  readonly ready: number;
  readonly replicas: number;
  readonly restarts: number;
}

export async function readinessOf(cluster: Cluster, workload: Workload, signal?: AbortSignal): Promise<Readiness> {
  const pods = await podsOf(cluster, workload, signal);
  const present = pods.filter(pod => pod.metadata?.deletionTimestamp === undefined);
  return {ready: pods.filter(isReady).length, replicas: workload.replicas, restarts: restartsOf(present)};
}

/** The workload that runs this very process, when it runs in a pod. */
export async function ownWorkload(
  cluster: Cluster,
  hostname: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const pod = await findPod(cluster, {namespace: cluster.namespace, name: hostname}, signal);
  if (pod === undefined) return undefined;
  const controller = await new Controllers(cluster).of(pod, signal);
  return 'workload' in controller ? describeLocator(controller.workload.at) : undefined;
}
