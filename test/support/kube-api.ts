import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Controllers, type Pace} from './kube-api-controllers.js';
import {ApiError, type KubeObject, matchesLabels, type NewObject, Store} from './kube-api-store.js';

/** A request as the server saw it, in the order of arrival. */
export interface Seen {
  readonly verb: 'get' | 'list' | 'patch' | 'delete' | 'create';
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
}

/** What goes wrong with a request. `drop-after`: the change is made, the answer is lost. */
export type Trouble =
  | {readonly status: number; readonly retryAfterSeconds?: number; readonly message?: string}
  | 'hang'
  | 'drop-before'
  | 'drop-after';

const PATH = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?$/;
const VERBS: Readonly<Record<string, Seen['verb']>> = {PATCH: 'patch', DELETE: 'delete', POST: 'create'};

/**
 * An API server of the tests' own, on loopback: it keeps objects, resource versions, conflicts, rights and label
 * selectors as the real one does, runs small controllers, and goes wrong on demand.
 */
export class KubeApi {
  readonly store = new Store();
  readonly controllers: Controllers;
  readonly requests: Seen[] = [];
  private readonly troubles: {match: (seen: Seen) => boolean; trouble: Trouble; times: number}[] = [];
  private readonly denied = new Set<string>();
  private readonly folder = mkdtempSync(join(tmpdir(), 'firedrill-kube-'));
  private readonly server: Server;
  /** Most objects that one answer lists. */
  pageSize = 500;
  /** When set, requests without this bearer token are refused with 401. */
  token: string | undefined;

  private constructor(private readonly pace: Pace) {
    this.controllers = new Controllers(this.store, pace);
    this.server = createServer((request, response) => void this.serve(request, response));
    for (const name of ['default', 'kube-system', 'shop'])
      this.store.create('namespaces', {apiVersion: 'v1', kind: 'Namespace', metadata: {name}});
  }

  static async start(pace: Partial<Pace> = {}): Promise<KubeApi> {
    const api = new KubeApi({noticeMs: 10, readyMs: 300, endMs: 50, ...pace});
    await new Promise<void>(resolve => api.server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.controllers.close();
    this.server.closeAllConnections();
    await new Promise<void>(resolve => this.server.close(() => resolve()));
    rmSync(this.folder, {recursive: true, force: true});
  }

  /** Writes a kubeconfig with the contexts `test` and `other`; its current-context is `other`, which leads nowhere. */
  kubeconfig(token = 'secret-token'): string {
    const path = join(this.folder, 'config');
    const cluster = (name: string, server: string) =>
      `- {name: ${name}, cluster: {server: "${server}", insecure-skip-tls-verify: true}}`;
    const context = (name: string) => `- {name: ${name}, context: {cluster: ${name}, user: tester}}`;
    const lines = ['apiVersion: v1', 'kind: Config', 'current-context: other'];
    lines.push('clusters:', cluster('test', this.url), cluster('other', 'http://127.0.0.1:1'));
    lines.push('users:', `- {name: tester, user: {token: "${token}"}}`);
    lines.push('contexts:', context('test'), context('other'));
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  }

  /** The next `times` requests that match go wrong. */
  fail(match: (seen: Seen) => boolean, trouble: Trouble, times = 1): void {
    this.troubles.push({match, trouble, times});
  }

  /** Takes a right away, `patch deployments`: asked for it answers no, used it answers 403. */
  deny(...rights: readonly string[]): void {
    for (const right of rights) this.denied.add(right);
  }

  deployment(name: string, options: {replicas?: number; labels?: Record<string, string>} = {}): KubeObject {
    return this.workload('Deployment', name, options);
  }

  statefulSet(name: string, options: {replicas?: number; labels?: Record<string, string>} = {}): KubeObject {
    return this.workload('StatefulSet', name, options);
  }

  private workload(
    kind: 'Deployment' | 'StatefulSet',
    name: string,
    {replicas = 1, labels = {}}: {replicas?: number; labels?: Record<string, string>},
  ): KubeObject {
    const app = {app: name, ...labels};
    const made = this.store.create(`${kind.toLowerCase()}s`, {
      apiVersion: 'apps/v1',
      kind,
      metadata: {name, namespace: 'shop', labels: app},
      spec: {
        replicas,
        selector: {matchLabels: {app: name}},
        template: {metadata: {labels: app}, spec: {containers: [{name: 'main', image: `shop/${name}:1`}]}},
      },
    });
    this.controllers.settleNow();
    return made;
  }

  barePod(name: string, extra: Partial<NewObject['metadata']> = {}, namespace = 'shop'): KubeObject {
    const pod = this.store.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {name, namespace, labels: {app: name}, ...extra},
      spec: {containers: [{name: 'main', image: `shop/${name}:1`}], nodeName: 'node1'},
      status: {phase: 'Pending'},
    });
    this.controllers.makeReady(pod);
    return this.store.get('pods', namespace, name);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const seen = parse(request, text);
    if (seen === undefined) {
      answer(response, 404, failure(404, 'NotFound', 'the server could not find this'));
      return;
    }
    this.requests.push(seen);
    const at = this.troubles.findIndex(({match, times}) => times > 0 && match(seen));
    const trouble = this.troubles[at]?.trouble;
    if (this.troubles[at] !== undefined) this.troubles[at].times -= 1;
    if (trouble === 'hang') return;
    if (trouble === 'drop-before') {
      request.socket.destroy();
      return;
    }
    if (typeof trouble === 'object') {
      const {status, retryAfterSeconds, message = 'made to fail by the test'} = trouble;
      if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
      answer(response, status, failure(status, 'Failure', message));
      return;
    }
    const [status, body] = this.answerTo(seen, request.headers.authorization);
    if (trouble === 'drop-after') request.socket.destroy();
    else answer(response, status, body);
  }

  private answerTo(seen: Seen, authorization: string | undefined): [number, unknown] {
    try {
      if (this.token !== undefined && authorization !== `Bearer ${this.token}`)
        throw new ApiError(401, 'Unauthorized', 'Unauthorized');
      const {verb, resource, namespace} = seen;
      if (this.denied.has(`${verb} ${resource}`))
        throw new ApiError(
          403,
          'Forbidden',
          `${resource} is forbidden: User "tester" cannot ${verb} resource "${resource}" in API group "" in the namespace "${namespace ?? ''}"`,
        );
      return [verb === 'create' ? 201 : 200, this.handle(seen)];
    } catch (error) {
      if (error instanceof ApiError) return [error.code, failure(error.code, error.reason, error.message)];
      return [500, failure(500, 'InternalError', String(error))];
    }
  }

  private handle(seen: Seen): unknown {
    const {verb, resource, namespace, name = '', body} = seen;
    if (resource === 'selfsubjectaccessreviews') return this.review(body);
    switch (verb) {
      case 'list':
        return this.list(seen);
      case 'get':
        return this.store.get(resource, namespace, name);
      case 'create': {
        const given = body as unknown as NewObject;
        const metadata = {...given.metadata, ...(namespace === undefined ? {} : {namespace})};
        return this.store.create(resource, {...given, metadata});
      }
      case 'patch':
        return this.store.mergePatch(resource, namespace, name, body);
      case 'delete':
        return this.remove(seen);
    }
  }

  private review(body: Record<string, unknown>): unknown {
    const spec = body['spec'] as {resourceAttributes: {verb: string; resource: string}};
    const {verb, resource} = spec.resourceAttributes;
    return {...body, status: {allowed: !this.denied.has(`${verb} ${resource}`)}};
  }

  private list({resource, namespace, query}: Seen): unknown {
    const field = /^metadata\.name=(.*)$/.exec(query.get('fieldSelector') ?? '')?.[1];
    const all = this.store
      .list(resource, namespace)
      .filter(({metadata}) => matchesLabels(query.get('labelSelector') ?? '', metadata.labels))
      .filter(({metadata}) => field === undefined || metadata.name === field);
    const from = Number(query.get('continue') ?? 0);
    const to = from + Math.min(this.pageSize, Number(query.get('limit') ?? 500));
    const more = to < all.length ? {continue: String(to)} : {};
    return {apiVersion: 'v1', kind: 'List', metadata: {resourceVersion: '1', ...more}, items: all.slice(from, to)};
  }

  private remove({resource, namespace, name = '', body}: Seen): unknown {
    const found = this.store.get(resource, namespace, name);
    const wanted = (body['preconditions'] ?? {}) as {uid?: string; resourceVersion?: string};
    if (wanted.uid !== undefined && wanted.uid !== found.metadata.uid)
      throw new ApiError(409, 'Conflict', `Precondition failed: UID in precondition: ${wanted.uid}`);
    if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== found.metadata.resourceVersion)
      throw new ApiError(409, 'Conflict', `the object has been modified`);
    if (resource === 'pods') this.controllers.endPod(found, body['gracePeriodSeconds'] === 0 ? 0 : this.pace.endMs);
    else this.store.remove(resource, namespace, name);
    return found;
  }
}

function parse(request: IncomingMessage, text: string): Seen | undefined {
  const url = new URL(request.url ?? '/', 'http://server');
  const [, namespace, first, second] = PATH.exec(url.pathname) ?? [];
  // `/api/v1/namespaces/kube-system` is the namespace itself, not something inside it.
  const itself = first === undefined && namespace !== undefined;
  const resource = itself ? 'namespaces' : first;
  if (resource === undefined) return undefined;
  const name = itself ? namespace : second;
  const verb = VERBS[request.method ?? ''] ?? (name === undefined ? 'list' : 'get');
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return {verb, resource, namespace: itself ? undefined : namespace, name, query: url.searchParams, body};
}

function failure(code: number, reason: string, message: string): unknown {
  return {kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code};
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {'Content-Type': 'application/json'});
  response.end(JSON.stringify(body));
}
