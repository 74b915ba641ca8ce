import {createHash} from 'node:crypto';
import * as sdk from '@kubernetes/client-node';
import type {Driver} from '../../src/targets/contract.js';
import {KubernetesActuator} from '../../src/targets/drivers/kubernetes/actuator.js';
import type {Cluster} from '../../src/targets/drivers/kubernetes/api/cluster.js';
import {failureOf, type ApiRequest} from '../../src/targets/drivers/kubernetes/api/failure.js';
import {OPS_VERSION} from '../../src/targets/drivers/kubernetes/ops.js';
import {KubernetesReader} from '../../src/targets/drivers/kubernetes/reader.js';
import type {MemoryObject, MemoryRequest, MemoryWorld} from '../support/memory-driver/world.js';

const NAMESPACE = 'shop';
const ENDPOINT = 'sim-cluster';

/** What an API server keeps of a deployment beside what the world knows of it. */
interface Kept {
  readonly annotations: Readonly<Record<string, string>>;
  readonly version: number;
}

/** By the name of the deployment. */
export type KeptByServer = Map<string, Kept>;

/**
 * The Kubernetes driver itself, as one client of a world whose objects are deployments: `cpus` of an object is its
 * number of replicas, and while it runs it has one pod, another one after each start.
 */
export function simKubernetesDriver(world: MemoryWorld, kept: KeptByServer, client: string): Driver {
  const cluster = () => simCluster(world, kept, client);
  return {
    name: 'kubernetes',
    version: OPS_VERSION,
    address: () => ({}),
    reader: (_address, ambient) => Promise.resolve(new KubernetesReader(cluster(), ENDPOINT, ambient)),
    actuator: (_address, fence) => Promise.resolve(new KubernetesActuator(cluster(), ENDPOINT, fence)),
  };
}

/** What the server answers instead of doing it. */
class ServerError extends Error {
  constructor(
    readonly code: number,
    readonly body: {readonly message: string},
  ) {
    super(body.message);
  }
}

const refuse = (code: number, message: string): never => {
  throw new ServerError(code, {message});
};

const notThere = () => Promise.reject(new Error('the simulated server has no such call'));

function simCluster(world: MemoryWorld, kept: KeptByServer, client: string): Cluster {
  const text = (said: string) => said;
  const ask = async <T>(request: ApiRequest, send: () => Promise<T>, budgetMs?: number): Promise<T> => {
    const about = {client, what: whatOf(request), op: `${request.verb} ${request.resource}`} as const;
    const object = request.name === undefined ? {} : {object: request.name};
    // What the server does it does at once; only the answer takes its time. Nobody may be there to catch it.
    const happen = () => {
      const answer = send();
      answer.catch(() => undefined);
      return answer;
    };
    const bound = budgetMs === undefined ? {} : {budgetMs};
    const reply = await world.request<Promise<T> | undefined>({...about, ...object, ...bound}, happen, () => undefined);
    try {
      if ('refused' in reply) return refuse(500, reply.refused);
      if ('lost' in reply) throw new Error(reply.lost);
      return await (reply.answer ?? send());
    } catch (error) {
      throw failureOf(request, error, text);
    }
  };
  const server = new SimServer(world, kept);
  return {
    context: 'sim',
    namespace: NAMESPACE,
    where: 'the simulated cluster',
    sdk,
    core: server.core(),
    apps: server.apps(),
    autoscaling: {
      listNamespacedHorizontalPodAutoscaler: () => Promise.resolve(listOf(new sdk.V1HorizontalPodAutoscalerList(), [])),
    },
    authorization: {
      createSelfSubjectAccessReview: ({body}) => Promise.resolve(Object.assign(body, {status: {allowed: true}})),
    },
    clock: world.clock,
    random: () => 0.5,
    read: (request, send) => ask(request, () => send({})),
    find: (request, send) =>
      ask(request, () => send({})).catch((error: unknown) => {
        if (error instanceof Error && 'status' in error && error.status === 404) return undefined;
        throw error;
      }),
    change: (request, send, budgetMs) => ask(request, () => send({}), budgetMs),
    close: () => undefined,
  };
}

/** One patch may set both the mark and the number of replicas. */
const whatOf = ({verb}: ApiRequest): MemoryRequest['what'] => (verb === 'patch' || verb === 'delete' ? 'act' : 'read');

const uidOf = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 32);
const podOf = ({name, incarnation}: MemoryObject) => `${name}-${incarnation}`;

/** The API server: what it shows of the world, and what it changes in it. */
class SimServer {
  constructor(
    private readonly world: MemoryWorld,
    private readonly kept: KeptByServer,
  ) {}

  core(): Cluster['core'] {
    return {
      readNamespace: notThere,
      listNamespacedPod: ({labelSelector}) =>
        Promise.resolve(
          listOf(
            new sdk.V1PodList(),
            this.found(labelSelector).flatMap(object => (object.running ? [pod(object)] : [])),
          ),
        ),
      readNamespacedPod: ({name}) => answer(() => pod(this.withPod(name))),
      deleteNamespacedPod: ({name, body}) =>
        answer(() => {
          const object = this.withPod(name);
          if (body?.preconditions?.uid !== uidOf(name)) refuse(409, 'the uid is another one');
          this.world.kill(object.name);
          return pod(object);
        }),
      readNamespacedConfigMap: () => answer(() => refuse(404, 'not found')),
      createNamespacedConfigMap: notThere,
      patchNamespacedConfigMap: notThere,
      deleteNamespacedConfigMap: notThere,
    };
  }

  apps(): Cluster['apps'] {
    return {
      readNamespacedDeployment: ({name}) => answer(() => this.deployment(this.named(name))),
      listNamespacedDeployment: ({labelSelector}) =>
        Promise.resolve(
          listOf(
            new sdk.V1DeploymentList(),
            this.found(labelSelector).map(object => this.deployment(object)),
          ),
        ),
      patchNamespacedDeployment: ({name, body}) => answer(() => this.patch(this.named(name), body as Patch)),
      listNamespacedStatefulSet: () => Promise.resolve(listOf(new sdk.V1StatefulSetList(), [])),
      listNamespacedReplicaSet: () => Promise.resolve(listOf(new sdk.V1ReplicaSetList(), [])),
      listNamespacedDaemonSet: () => Promise.resolve(listOf(new sdk.V1DaemonSetList(), [])),
      readNamespacedStatefulSet: notThere,
      readNamespacedReplicaSet: notThere,
      readNamespacedDaemonSet: notThere,
      patchNamespacedStatefulSet: notThere,
      patchNamespacedReplicaSet: notThere,
      patchNamespacedDaemonSet: notThere,
    };
  }

  /** Of `app=NAME`, or all. */
  private found(labelSelector: string | undefined): readonly MemoryObject[] {
    const all = [...this.world.objects.values()];
    return labelSelector === undefined ? all : all.filter(({name}) => labelSelector === `app=${name}`);
  }

  private named(name: string): MemoryObject {
    return this.world.objects.get(name) ?? refuse(404, `no deployment ${name}`);
  }

  private withPod(name: string): MemoryObject {
    const found = [...this.world.objects.values()].find(object => object.running && podOf(object) === name);
    return found ?? refuse(404, `no pod ${name}`);
  }

  private deployment({name, cpus}: MemoryObject): sdk.V1Deployment {
    const {annotations, version} = this.kept.get(name) ?? {annotations: {}, version: 1};
    const metadata = {name, namespace: NAMESPACE, uid: uidOf(name), resourceVersion: String(version), generation: 1};
    return Object.assign(new sdk.V1Deployment(), {
      metadata: {...metadata, annotations},
      spec: {replicas: cpus, selector: {matchLabels: {app: name}}, template: {}},
      status: {replicas: cpus, observedGeneration: 1},
    });
  }

  private patch(object: MemoryObject, {metadata, spec}: Patch): sdk.V1Deployment {
    const {annotations, version} = this.kept.get(object.name) ?? {annotations: {}, version: 1};
    if (metadata.resourceVersion !== String(version)) refuse(409, 'it was changed meanwhile');
    const merged = Object.entries({...annotations, ...metadata.annotations}).filter(([, value]) => value !== null);
    this.kept.set(object.name, {
      annotations: Object.fromEntries(merged) as Record<string, string>,
      version: version + 1,
    });
    if (spec !== undefined) object.cpus = spec.replicas;
    return this.deployment(object);
  }
}

interface Patch {
  readonly metadata: {readonly resourceVersion: string; readonly annotations: Readonly<Record<string, string | null>>};
  readonly spec?: {readonly replicas: number};
}

function pod(object: MemoryObject): sdk.V1Pod {
  const {name} = object;
  const owner = {apiVersion: 'apps/v1', kind: 'Deployment', name, uid: uidOf(name), controller: true};
  return Object.assign(new sdk.V1Pod(), {
    metadata: {
      name: podOf(object),
      namespace: NAMESPACE,
      uid: uidOf(podOf(object)),
      labels: {app: name},
      ownerReferences: [owner],
    },
    spec: {containers: []},
    status: {phase: 'Running', conditions: [{type: 'Ready', status: 'True'}]},
  });
}

function listOf<L extends {items: unknown[]}>(list: L, items: L['items']): L {
  list.items = items;
  return list;
}

/** What happens, happens at once. */
function answer<T>(happen: () => T): Promise<T> {
  return new Promise(resolve => {
    resolve(happen());
  });
}
