import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';

/**
 * Attributes that each type of toxic knows; whatever else a request holds is dropped without a word, as the server
 * does.
 */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  latency: ['latency', 'jitter'],
  bandwidth: ['rate'],
  slow_close: ['delay'],
  timeout: ['timeout'],
  reset_peer: ['timeout'],
  slicer: ['average_size', 'size_variation', 'delay'],
  limit_data: ['bytes'],
};

interface Toxic {
  name: string;
  type: string;
  stream: string;
  toxicity: number;
  attributes: Record<string, number>;
}

interface Proxy {
  name: string;
  listen: string;
  upstream: string;
  enabled: boolean;
  toxics: Toxic[];
}

/** The HTTP API of a Toxiproxy server (2.x) without its data path, in this process. */
export interface FakeToxiproxy {
  readonly url: string;
  readonly proxies: Map<string, Proxy>;
  /** While it is above 0, a DELETE of a toxic takes effect and is answered this much later, ms. */
  deleteTakesMs: number;
  /** Attributes that are taken and ignored, as after a rename in another version. */
  readonly ignored: Set<string>;
  add(name: string, upstream?: string): void;
  close(): Promise<void>;
}

type Reply = readonly [status: number, body?: object];
const failed = (status: number, error: string): Reply => [status, {error, status}];

function create(proxy: Proxy, body: Partial<Toxic>, ignored: ReadonlySet<string>): Reply {
  const {type = '', stream = 'downstream', toxicity = 1} = body;
  if (stream !== 'upstream' && stream !== 'downstream')
    return failed(400, 'stream was invalid, can be either upstream or downstream');
  const known = ATTRIBUTES[type];
  if (known === undefined) return failed(400, 'invalid toxic type');
  const name = body.name ?? `${type}_${stream}`;
  if (proxy.toxics.some(toxic => toxic.name === name)) return failed(409, 'toxic already exists');
  const attributes = Object.fromEntries(
    known.map(key => [key, ignored.has(key) ? 0 : (body.attributes?.[key] ?? 0)] as const),
  );
  // Kept in 32 bits and shown in as few digits as that needs.
  const toxic = {name, type, stream, toxicity: Number(Math.fround(toxicity).toPrecision(7)), attributes};
  proxy.toxics.push(toxic);
  return [200, toxic];
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

async function answer(fake: FakeToxiproxy, request: IncomingMessage): Promise<Reply> {
  if (request.headers['user-agent']?.startsWith('Mozilla/') === true) return failed(403, 'User agent not allowed');
  const [, root, name, toxics, id] = new URL(request.url ?? '/', 'http://api').pathname
    .split('/')
    .map(part => decodeURIComponent(part));
  const body = await readBody(request);
  const method = request.method ?? '';
  if (root === 'proxies' && name === undefined && method === 'GET') return [200, Object.fromEntries(fake.proxies)];
  const proxy = fake.proxies.get(name ?? '');
  if (root !== 'proxies' || proxy === undefined) return failed(404, 'proxy not found');
  if (toxics === undefined) {
    if (method === 'DELETE') return fake.proxies.delete(proxy.name) ? [204] : failed(404, 'proxy not found');
    if (method !== 'GET') proxy.enabled = (body['enabled'] as boolean | undefined) ?? proxy.enabled;
    return [200, proxy];
  }
  if (id === undefined) return method === 'POST' ? create(proxy, body, fake.ignored) : [200, proxy.toxics];
  const at = proxy.toxics.findIndex(toxic => toxic.name === id);
  if (at === -1) return failed(404, 'toxic not found');
  if (method !== 'DELETE') return [200, proxy.toxics[at]!];
  if (fake.deleteTakesMs > 0) await new Promise(resolve => setTimeout(resolve, fake.deleteTakesMs));
  proxy.toxics = proxy.toxics.filter(toxic => toxic.name !== id);
  return [204];
}

/** `port`: of a server that was there before; 0 for any. */
export async function startFakeToxiproxy(port = 0): Promise<FakeToxiproxy> {
  const server: Server = createServer((request, response: ServerResponse) => {
    answer(fake, request).then(
      ([status, body]) => response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeToxiproxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    proxies: new Map(),
    deleteTakesMs: 0,
    ignored: new Set(),
    add: (name, upstream = '127.0.0.1:1') => {
      fake.proxies.set(name, {name, listen: '127.0.0.1:1234', upstream, enabled: true, toxics: []});
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return fake;
}
