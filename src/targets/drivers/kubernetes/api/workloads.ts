import type {
  V1DaemonSet,
  V1Deployment,
  V1OwnerReference,
  V1PodTemplateSpec,
  V1ReplicaSet,
  V1StatefulSet,
} from '@kubernetes/client-node';
import type {JsonObject} from '../../../../quantities/json.js';
import {allPages, type Cluster, type CallOptions} from './cluster.js';
import type {ApiRequest} from './failure.js';
import {fingerprint, type WorkloadKind, type WorkloadLocator} from './identity.js';

type Raw = V1Deployment | V1StatefulSet | V1ReplicaSet | V1DaemonSet;

/** What the driver needs to know of a workload, whatever its kind. */
export interface Workload {
  readonly at: WorkloadLocator;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** How many pods it is asked to have. */
  readonly replicas: number;
  /** How many it has (not counting the ending ones), as its controller reports. */
  readonly current: number;
  /** The controller has seen the present spec, so that `current` can be believed. */
  readonly observed: boolean;
  /** Of its pods, as the API takes it. */
  readonly selector: string;
  readonly owner: {readonly kind: string; readonly name: string; readonly uid: string} | undefined;
  /** Properties that rest while nobody changes the workload. */
  readonly facets: JsonObject;
}

interface NamespacedName {
  readonly name: string;
  readonly namespace: string;
}
interface Page {
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit: number;
  readonly _continue?: string;
}
interface Calls {
  readonly resource: string;
  readonly get: (cluster: Cluster, place: NamespacedName, options: CallOptions) => Promise<Raw>;
  readonly list: (
    cluster: Cluster,
    page: Page,
    options: CallOptions,
  ) => Promise<{items: Raw[]; metadata?: {_continue?: string}}>;
  readonly patch: (cluster: Cluster, place: NamespacedName & {body: JsonObject}, options: CallOptions) => Promise<Raw>;
}

const CALLS: Readonly<Record<WorkloadKind, Calls>> = {
  deployment: {
    resource: 'deployments',
    get: ({apps}, place, options) => apps.readNamespacedDeployment(place, options),
    list: ({apps}, page, options) => apps.listNamespacedDeployment(page, options),
    patch: ({apps}, place, options) => apps.patchNamespacedDeployment(place, options),
  },
  statefulset: {
    resource: 'statefulsets',
    get: ({apps}, place, options) => apps.readNamespacedStatefulSet(place, options),
    list: ({apps}, page, options) => apps.listNamespacedStatefulSet(page, options),
    patch: ({apps}, place, options) => apps.patchNamespacedStatefulSet(place, options),
  },
  replicaset: {
    resource: 'replicasets',
    get: ({apps}, place, options) => apps.readNamespacedReplicaSet(place, options),
    list: ({apps}, page, options) => apps.listNamespacedReplicaSet(page, options),
    patch: ({apps}, place, options) => apps.patchNamespacedReplicaSet(place, options),
  },
  daemonset: {
    resource: 'daemonsets',
    get: ({apps}, place, options) => apps.readNamespacedDaemonSet(place, options),
    list: ({apps}, page, options) => apps.listNamespacedDaemonSet(page, options),
    patch: ({apps}, place, options) => apps.patchNamespacedDaemonSet(place, options),
  },
};

export function resourceOf(kind: WorkloadKind): string {
  return CALLS[kind].resource;
}

export interface Where {
  readonly namespace: string;
  readonly name: string;
  readonly kind: WorkloadKind;
}

/** The workload of this name, whatever its uid; undefined when there is none. */
async function findWorkload(
  cluster: Cluster,
  {kind, namespace, name}: Where,
  signal?: AbortSignal,
): Promise<Workload | undefined> {
  const {resource, get} = CALLS[kind];
  const request: ApiRequest = {verb: 'get', resource, namespace, name};
  const raw = await cluster.find(request, options => get(cluster, {name, namespace}, options), signal);
  return raw === undefined ? undefined : view(kind, raw);
}

/** The very workload; undefined when it is gone or another one has its name. */
export async function findSame(
  cluster: Cluster,
  at: WorkloadLocator,
  signal?: AbortSignal,
): Promise<Workload | undefined> {
  const found = await findWorkload(cluster, at, signal);
  return found?.at.uid === at.uid ? found : undefined;
}

export async function listWorkloads(
  cluster: Cluster,
  kind: WorkloadKind,
  filter: {labelSelector?: string; fieldSelector?: string},
  signal?: AbortSignal,
): Promise<readonly Workload[]> {
  const {resource, list} = CALLS[kind];
  const {namespace} = cluster;
  const items = await allPages(token =>
    cluster.read(
      {verb: 'list', resource, namespace},
      options =>
        list(cluster, {namespace, limit: 500, ...filter, ...(token === undefined ? {} : {_continue: token})}, options),
      signal,
    ),
  );
  return items.map(raw => view(kind, raw));
}

/**
 * One attempt at a merge patch that only lands on the version that was read. Rejects with a RequestFailure (409:
 * reread).
 */
export async function patchWorkload(
  cluster: Cluster,
  read: Workload,
  change: {annotations: Readonly<Record<string, string | null>>; replicas?: number},
  budgetMs: number,
): Promise<void> {
  const {kind, namespace, name} = read.at;
  const body: JsonObject = {
    metadata: {uid: read.at.uid, resourceVersion: read.version, annotations: change.annotations},
    ...(change.replicas === undefined ? {} : {spec: {replicas: change.replicas}}),
  };
  await cluster.change(
    {verb: 'patch', resource: CALLS[kind].resource, namespace, name},
    options => CALLS[kind].patch(cluster, {name, namespace, body}, options),
    budgetMs,
  );
}

/** What the kinds have in common. The SDK fills absent fields with undefined, whatever its types say. */
interface AnyMetadata {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly ownerReferences?: readonly V1OwnerReference[] | undefined;
}
interface AnySelector {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?:
    | readonly {readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined}[]
    | undefined;
}
interface AnySpec {
  readonly replicas?: number | undefined;
  readonly paused?: boolean | undefined;
  readonly selector?: AnySelector | undefined;
  readonly template?: V1PodTemplateSpec | undefined;
}
interface AnyStatus {
  readonly replicas?: number | undefined;
  readonly desiredNumberScheduled?: number | undefined;
  readonly observedGeneration?: number | undefined;
}

function view(kind: WorkloadKind, raw: Raw): Workload {
  const spec: AnySpec = raw.spec ?? {};
  const status: AnyStatus = raw.status ?? {};
  const frame = frameOf(kind, raw.metadata ?? {});
  // A DaemonSet is asked for one pod per node that fits; the API's own default is 1.
  const replicas = spec.replicas ?? status.desiredNumberScheduled ?? 1;
  return {
    ...frame,
    replicas,
    current: status.replicas ?? 0,
    observed: (status.observedGeneration ?? 0) >= (raw.metadata?.generation ?? 0),
    selector: selectorText(spec.selector),
    facets: {...templateFacets(spec), replicas, labels: fingerprint(frame.labels)},
  };
}

function frameOf(
  kind: WorkloadKind,
  metadata: AnyMetadata,
): Pick<Workload, 'at' | 'version' | 'labels' | 'annotations' | 'owner'> {
  const {namespace = '', name = '', uid = '', resourceVersion = '', labels = {}, annotations = {}} = metadata;
  const owner = metadata.ownerReferences?.find(one => one.controller);
  return {at: {kind, namespace, name, uid}, version: resourceVersion, labels, annotations, owner};
}

function templateFacets({template, paused}: AnySpec): JsonObject {
  return {
    images: (template?.spec?.containers ?? []).map(container => container.image ?? ''),
    template: fingerprint(template ?? {}),
    paused: paused ?? false,
  };
}

/** A LabelSelector in the form that list requests take. */
export function selectorText(selector: AnySelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const others = (selector?.matchExpressions ?? []).map(({key, operator, values = []}) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join()})`;
  });
  return [...equal, ...others].join();
}
