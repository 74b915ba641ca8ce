import {once} from 'node:events';
import {connect, createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import type {ConnectionView, StateView} from '../../src/proxy/protocol.js';
import {readToken} from '../../src/system/control-token.js';
import {startProxy, type RunningProxy} from '../../src/proxy/run.js';

/** A proxy in this process, before an upstream of the test. */
export interface ProxyStage {
  readonly proxy: RunningProxy;
  /** The header that the control API asks for. */
  readonly authorization: string;
  readonly port: number;
  readonly log: readonly string[];
  /** Opens a connection through the proxy. */
  client(): Promise<Socket>;
  /** A request to the control API. */
  ask(method: string, path: string, body?: object): Promise<{status: number; body: Record<string, unknown>}>;
  /** Adds a toxic to the connection; expects that it is taken. */
  add(id: string, toxic: object): Promise<void>;
  remove(id: string): Promise<void>;
  view(): Promise<ConnectionView>;
  close(): Promise<void>;
}

/** `upstream`: a server that listens already, or a port where nobody listens. */
export async function openProxyStage(
  upstream: Server | number,
  options: {connectTimeoutMs?: number} = {},
): Promise<ProxyStage> {
  const log: string[] = [];
  const loopback = (port: number) => ({host: '127.0.0.1', port});
  const to = typeof upstream === 'number' ? upstream : (upstream.address() as AddressInfo).port;
  const tokens = process.env['FIREDRILL_PROXY_TOKENS'] ?? '';
  const proxy = await startProxy(
    {control: loopback(0), connections: [{name: 'inventory', listen: loopback(0), upstream: loopback(to)}]},
    {log: line => log.push(line), tokens, ...options},
  );
  const authorization = (await readToken(proxy.tokenFile)) ?? '';
  const port = Number(proxy.connections[0]!.listen.split(':')[1]);
  const clients: Socket[] = [];
  const ask: ProxyStage['ask'] = async (method, path, body) => {
    const answer = await fetch(`http://${proxy.control}${path}`, {
      method,
      headers: {authorization, 'content-type': 'application/json'},
      ...(body === undefined ? {} : {body: JSON.stringify(body)}),
    });
    return {status: answer.status, body: (await answer.json()) as Record<string, unknown>};
  };
  const toxic = (id: string) => `/v1/connections/inventory/toxics/${id}`;
  return {
    proxy,
    authorization,
    port,
    log,
    ask,
    client: async () => {
      const socket = connect({port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true});
      clients.push(socket);
      socket.on('error', () => socket.destroy());
      await once(socket, 'connect');
      return socket;
    },
    add: async (id, body) => {
      const answer = await ask('PUT', toxic(id), {ttlMs: 60_000, ...body});
      if (answer.status !== 201) throw new Error(`not added: ${JSON.stringify(answer)}`);
    },
    remove: async id => {
      await ask('DELETE', toxic(id));
    },
    view: async () => ((await ask('GET', '/v1/state')).body as unknown as StateView).connections[0]!,
    close: async () => {
      for (const socket of clients) socket.destroy();
      await proxy.close();
    },
  };
}

/** A server on loopback that gives each connection to `serve`; `sockets` are closed with it. */
export async function serveTcp(serve: (socket: Socket) => void): Promise<{server: Server; close(): Promise<void>}> {
  const sockets = new Set<Socket>();
  const server = createServer({allowHalfOpen: true, noDelay: true}, socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

export const echo = (socket: Socket): void => {
  socket.pipe(socket);
};

/** Round trip of one byte over an echo, ms. */
export async function roundTrip(socket: Socket): Promise<number> {
  const from = performance.now();
  socket.write('x');
  await once(socket, 'data');
  return performance.now() - from;
}

/** How the peer ended this connection: `FIN`, or the error's code. */
export function endOf(socket: Socket): Promise<string> {
  return new Promise(resolve => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('end', () => resolve('FIN'));
    socket.on('close', () => resolve('closed'));
    socket.resume();
  });
}
