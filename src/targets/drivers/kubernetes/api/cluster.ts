import {Agent} from 'node:http';
import {setTimeout as delay} from 'node:timers/promises';
import type {
  AppsV1Api,
  AuthorizationV1Api,
  AutoscalingV1Api,
  ConfigurationOptions,
  CoreV1Api,
  KubeConfig,
  ObservableMiddleware,
  RequestContext,
} from '@kubernetes/client-node';
import type * as ClientNode from '@kubernetes/client-node';
import {systemClock, type Clock, type Left} from '../../../../system/clock.js';
import {dialing} from '../../../../system/dialing-agent.js';
import type {Ambient} from '../../../contract.js';
import {explain, failureOf, type ApiRequest, RequestFailure} from './failure.js';
import {type ClusterAddress, loadKubeconfig} from './kubeconfig.js';

/** How many chains of requests are under way at once. */
export const IN_FLIGHT = 4;
/** How long one read may take before it counts as unanswered. */
const READ_MS = 10_000;
/** Answers that come from load or a passing fault of the server, not from the request. */
const PASSING = new Set([0, 429, 500, 502, 503, 504]);
const READ_TRIES = 3;
const PAUSE_MS = 250;

export type CallOptions = ConfigurationOptions;
export type Send<T> = (options: CallOptions) => Promise<T>;

/** The calls that are made, of the hundreds that there are. */
type Core = Pick<
  CoreV1Api,
  | 'readNamespace'
  | `${'list' | 'read' | 'delete'}NamespacedPod`
  | `${'read' | 'create' | 'patch' | 'delete'}NamespacedConfigMap`
>;
type Apps = Pick<
  AppsV1Api,
  `${'read' | 'list' | 'patch'}Namespaced${'Deployment' | 'StatefulSet' | 'ReplicaSet' | 'DaemonSet'}`
>;

/** A cluster as one kubeconfig context reaches it, and the one namespace that the targets are in. */
export interface Cluster {
  readonly context: string;
  readonly namespace: string;
  /** For messages: context and server. */
  readonly where: string;
  /** For the classes of request bodies. */
  readonly sdk: Sdk;
  readonly core: Core;
  readonly apps: Apps;
  readonly autoscaling: Pick<AutoscalingV1Api, 'listNamespacedHorizontalPodAutoscaler'>;
  readonly authorization: Pick<AuthorizationV1Api, 'createSelfSubjectAccessReview'>;
  readonly clock: Clock;
  /** Between 0 and 1: those who wait for a busy server come back one by one. */
  readonly random: () => number;
  /** Reads, a few times when the fault may pass. Rejects with a FiredrillError, or with the signal's reason. */
  read<T>(request: ApiRequest, send: Send<T>, signal?: AbortSignal): Promise<T>;
  /** As {@link read}, but undefined when the object does not exist. */
  find<T>(request: ApiRequest, send: Send<T>, signal?: AbortSignal): Promise<T | undefined>;
  /** One attempt to change something, never aborted. Rejects with a RequestFailure; status 0 means: in doubt. */
  change<T>(request: ApiRequest, send: Send<T>, budgetMs: number): Promise<T>;
  /** Drops connections that are still waiting. */
  close(): void;
}

/**
 * Connects nothing yet: client-node opens a connection per request. Rejects when the kubeconfig or context is wrong.
 */
export async function openCluster(address: ClusterAddress, ambient: Ambient): Promise<Cluster> {
  const config = await loadKubeconfig(address, ambient);
  const sdk = await import('@kubernetes/client-node');
  return new ClusterConnection(config, address, sdk, ambient.redact);
}

type Sdk = typeof ClientNode;

class ClusterConnection implements Cluster {
  readonly clock = systemClock();
  readonly random = Math.random;
  readonly context: string;
  readonly namespace: string;
  readonly where: string;
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly autoscaling: AutoscalingV1Api;
  readonly authorization: AuthorizationV1Api;
  private readonly agents = new Set<Agent>();

  constructor(
    config: KubeConfig,
    address: ClusterAddress,
    readonly sdk: Sdk,
    private readonly redact: (text: string) => string,
  ) {
    this.context = address.context;
    this.namespace = address.namespace;
    this.where = `the cluster of context \`${address.context}\` (${config.getCurrentCluster()?.server ?? 'no server'})`;
    this.core = config.makeApiClient(sdk.CoreV1Api);
    this.apps = config.makeApiClient(sdk.AppsV1Api);
    this.autoscaling = config.makeApiClient(sdk.AutoscalingV1Api);
    this.authorization = config.makeApiClient(sdk.AuthorizationV1Api);
  }

  async read<T>(request: ApiRequest, send: Send<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await this.persist(request, send, signal);
    } catch (error) {
      throw error instanceof RequestFailure ? explain(error, this.where) : error;
    }
  }

  async find<T>(request: ApiRequest, send: Send<T>, signal?: AbortSignal): Promise<T | undefined> {
    try {
      return await this.persist(request, send, signal);
    } catch (error) {
      if (error instanceof RequestFailure && error.status === 404) return undefined;
      throw error instanceof RequestFailure ? explain(error, this.where) : error;
    }
  }

  private async persist<T>(request: ApiRequest, send: Send<T>, signal?: AbortSignal): Promise<T> {
    for (let tries = 1; ; tries++) {
      const limit = AbortSignal.timeout(READ_MS);
      try {
        signal?.throwIfAborted();
        return await this.attempt(request, send, signal === undefined ? limit : AbortSignal.any([signal, limit]));
      } catch (error) {
        signal?.throwIfAborted();
        const failure = limit.aborted
          ? new RequestFailure(request, {status: 0, detail: `no answer within ${READ_MS / 1000} s`})
          : failureOf(request, error, this.redact);
        if (limit.aborted || tries === READ_TRIES || !PASSING.has(failure.status)) throw failure;
        await delay(failure.retryAfterMs ?? PAUSE_MS * tries, undefined, signal === undefined ? {} : {signal});
      }
    }
  }

  async change<T>(request: ApiRequest, send: Send<T>, budgetMs: number): Promise<T> {
    const sent = this.attempt(request, send, undefined);
    // An answer that comes after the budget is nobody's any more; it must not become an unhandled rejection.
    sent.catch(() => undefined);
    const stop = new AbortController();
    const late = delay(Math.max(1, budgetMs), undefined, {signal: stop.signal}).then(() => {
      throw new RequestFailure(request, {status: 0, detail: `no answer within ${Math.ceil(budgetMs)} ms`});
    });
    late.catch(() => undefined);
    try {
      return await Promise.race([sent, late]);
    } catch (error) {
      throw failureOf(request, error, this.redact);
    } finally {
      stop.abort();
    }
  }

  private async attempt<T>(request: ApiRequest, send: Send<T>, signal: AbortSignal | undefined): Promise<T> {
    const held: {agent?: Agent} = {};
    const {Observable} = this.sdk;
    const now = <V>(value: V) => new Observable(Promise.resolve(value));
    const middleware: ObservableMiddleware = {
      pre: (context: RequestContext) => {
        if (signal !== undefined) context.setSignal(signal);
        if (request.verb === 'patch') context.setHeaderParam('Content-Type', 'application/merge-patch+json');
        const agent = context.getAgent();
        if (agent instanceof Agent) this.agents.add((held.agent = dialing(agent)));
        return now(context);
      },
      post: response => now(response),
    };
    try {
      return await send({middleware: [middleware], middlewareMergeStrategy: 'append'});
    } finally {
      if (held.agent !== undefined) this.agents.delete(held.agent);
    }
  }

  close(): void {
    for (const agent of this.agents) agent.destroy();
    this.agents.clear();
  }
}

/** Whether the same request may succeed a moment later. */
export function mayPass(failure: RequestFailure): boolean {
  return PASSING.has(failure.status) || failure.status === 409;
}

/**
 * Waits before the next attempt as the server asks, else a little longer each time; false when the budget is used up.
 */
export async function pause(
  {clock, random}: Pick<Cluster, 'clock' | 'random'>,
  failure: RequestFailure | undefined,
  {tries, left}: {readonly tries: number; readonly left: Left},
): Promise<boolean> {
  const wanted = failure?.retryAfterMs ?? Math.min(2000, PAUSE_MS * tries) * (0.5 + random() / 2);
  if (left() <= wanted) return false;
  await clock.sleep(wanted);
  return true;
}

/** All pages of a list. */
export async function allPages<T>(
  page: (token: string | undefined) => Promise<{items: T[]; metadata?: {_continue?: string}}>,
): Promise<T[]> {
  const items: T[] = [];
  let token: string | undefined;
  do {
    const answer = await page(token);
    items.push(...answer.items);
    token = answer.metadata?._continue;
  } while (token !== undefined && token !== '');
  return items;
}
