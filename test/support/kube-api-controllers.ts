import {randomUUID} from 'node:crypto';
import type {Store} from './kube-api-store.js';
import {type KubeObject} from './kube-api-store.js';

export interface Pace {
  /** How long the controllers take to notice a change, ms. */
  readonly noticeMs: number;
  /** From the creation of a pod to its readiness, ms. */
  readonly readyMs: number;
  /** How long a deleted pod stays there as ending, ms; a grace period of 0 is obeyed at once. */
  readonly endMs: number;
}

interface Template {
  metadata?: {labels?: Record<string, string>};
  spec?: {containers?: {name: string; image: string}[]};
}

/**
 * Deployments keep a ReplicaSet, ReplicaSets and StatefulSets keep pods, pods become ready and end: as a cluster does.
 */
export class Controllers {
  private readonly timers = new Set<NodeJS.Timeout>();
  private waiting = false;
  /** Set to stop the controllers from making pods: a cluster that does not recover. */
  stuck = false;

  constructor(
    private readonly store: Store,
    private readonly pace: Pace,
  ) {
    store.onChange(() => this.notice());
  }

  /** All in one go, without waiting: for the start of a test. */
  settleNow(): void {
    for (let round = 0; round < 4; round++) this.reconcile();
    for (const pod of this.store.list('pods')) this.makeReady(pod);
    this.reconcile();
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
  }

  private notice(): void {
    if (this.waiting) return;
    this.waiting = true;
    this.after(this.pace.noticeMs, () => {
      this.waiting = false;
      this.reconcile();
    });
  }

  private reconcile(): void {
    if (this.stuck) return;
    this.collectGarbage();
    for (const deployment of this.store.list('deployments')) this.keepReplicaSet(deployment);
    for (const set of this.store.list('replicasets')) this.keepPods('replicasets', set);
    for (const set of this.store.list('statefulsets')) this.keepPods('statefulsets', set);
    for (const deployment of this.store.list('deployments')) this.report('deployments', deployment);
  }

  /** What an owner left behind goes with it. */
  private collectGarbage(): void {
    const uids = new Set(
      ['deployments', 'statefulsets', 'replicasets', 'jobs'].flatMap(kind =>
        this.store.list(kind).map(one => one.metadata.uid),
      ),
    );
    for (const resource of ['replicasets', 'pods'])
      for (const {metadata} of this.store.list(resource))
        if (metadata.ownerReferences?.some(owner => owner.controller && !uids.has(owner.uid)))
          this.store.remove(resource, metadata.namespace, metadata.name);
  }

  private keepReplicaSet(deployment: KubeObject): void {
    const {name, namespace} = deployment.metadata;
    const child = this.store.find('replicasets', namespace, `${name}-5d4f8c7b9`);
    const spec = {...deployment.spec, replicas: deployment.spec?.['replicas'] ?? 1};
    if (child === undefined)
      this.store.create('replicasets', {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
          name: `${name}-5d4f8c7b9`,
          namespace: namespace!,
          labels: (spec as {template?: Template}).template?.metadata?.labels ?? {},
          ownerReferences: [ownerOf(deployment)],
        },
        spec,
      });
    // As the real controller does: annotations are copied, and a copy is never taken away again.
    else {
      const annotations = {...child.metadata.annotations, ...deployment.metadata.annotations};
      this.store.put('replicasets', {...child, metadata: {...child.metadata, annotations}, spec});
    }
  }

  private keepPods(resource: string, set: KubeObject): void {
    const wanted = Number(set.spec?.['replicas'] ?? 1);
    const own = this.podsOf(set);
    const live = own.filter(pod => pod.metadata.deletionTimestamp === undefined);
    if (resource === 'statefulsets') {
      for (let i = 0; i < wanted; i++)
        if (!own.some(pod => pod.metadata.name === `${set.metadata.name}-${i}`))
          this.makePod(set, `${set.metadata.name}-${i}`);
    } else for (let i = live.length; i < wanted; i++) this.makePod(set, `${set.metadata.name}-${shortId()}`);
    for (const pod of live.slice(wanted)) this.endPod(pod, this.pace.endMs);
    this.report(resource, set);
  }

  private podsOf(set: KubeObject): KubeObject[] {
    return this.store
      .list('pods', set.metadata.namespace)
      .filter(pod => pod.metadata.ownerReferences?.some(owner => owner.uid === set.metadata.uid));
  }

  private report(resource: string, set: KubeObject): void {
    const {namespace, name, generation} = set.metadata;
    const sets =
      resource === 'deployments'
        ? this.store
            .list('replicasets', namespace)
            .filter(one => one.metadata.ownerReferences?.some(owner => owner.uid === set.metadata.uid))
        : [set];
    const live = sets.flatMap(one => this.podsOf(one)).filter(pod => pod.metadata.deletionTimestamp === undefined);
    const status = {observedGeneration: generation, replicas: live.length, readyReplicas: live.filter(isReady).length};
    const present = this.store.find(resource, namespace, name);
    if (present !== undefined) this.store.put(resource, {...present, status});
  }

  makePod(set: KubeObject, name: string): void {
    const template = (set.spec?.['template'] ?? {}) as Template;
    const pod = this.store.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: set.metadata.namespace!,
        labels: {...template.metadata?.labels},
        ownerReferences: [ownerOf(set)],
      },
      spec: {...template.spec, nodeName: 'node1'},
      status: {phase: 'Pending', conditions: [{type: 'Ready', status: 'False'}], containerStatuses: []},
    });
    this.after(this.pace.readyMs, () => this.makeReady(pod));
  }

  makeReady(pod: KubeObject): void {
    const present = this.store.find('pods', pod.metadata.namespace, pod.metadata.name);
    if (present?.metadata.uid !== pod.metadata.uid || isReady(present)) return;
    const containers = (present.spec as Template['spec'])?.containers ?? [];
    this.store.put('pods', {
      ...present,
      status: {
        phase: 'Running',
        conditions: [{type: 'Ready', status: 'True'}],
        containerStatuses: containers.map(({name, image}) => ({
          name,
          image,
          imageID: image,
          ready: true,
          restartCount: 0,
          containerID: `containerd://${randomUUID()}`,
        })),
      },
    });
  }

  /** Deletes as the kubelet does: first marked as ending, gone a little later. */
  endPod(pod: KubeObject, endMs: number): void {
    const {namespace, name, uid} = pod.metadata;
    const remove = () => {
      if (this.store.find('pods', namespace, name)?.metadata.uid === uid) this.store.remove('pods', namespace, name);
    };
    if (endMs <= 0) {
      remove();
      return;
    }
    if (pod.metadata.deletionTimestamp !== undefined) return;
    this.store.put('pods', {...pod, metadata: {...pod.metadata, deletionTimestamp: new Date().toISOString()}});
    this.after(endMs, remove);
  }
}

const shortId = () => randomUUID().slice(0, 5);

function ownerOf(object: KubeObject): NonNullable<KubeObject['metadata']['ownerReferences']>[number] {
  const {apiVersion, kind, metadata} = object;
  return {apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true};
}

function isReady(pod: KubeObject): boolean {
  const conditions = (pod.status?.['conditions'] ?? []) as {type: string; status: string}[];
  return conditions.some(({type, status}) => type === 'Ready' && status === 'True');
}
