import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {createServer as createSecureServer} from 'node:https';
import {createServer as createTcpServer, type AddressInfo, type Socket} from 'node:net';
import {SELF_SIGNED} from './http-server-certificate.js';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** Requests so far. */
  readonly requests: () => number;
  /** What answers from now on. */
  handle(handler: Handler): void;
  /** Connections that are open now. */
  readonly connections: () => number;
  close(): Promise<void>;
}

const answerOk: Handler = (_request, response) => {
  response.end('ok');
};

function watchSockets(server: Pick<Server, 'on'>): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** A real HTTP server on a free loopback port, whose behaviour can be changed while it runs. */
export async function startHttpServer(first: Handler = answerOk, options: {tls?: boolean} = {}): Promise<TestServer> {
  let handler = first;
  let requests = 0;
  const listener: Handler = (request, response) => {
    requests++;
    request.resume();
    handler(request, response);
  };
  const server = options.tls === true ? createSecureServer(SELF_SIGNED, listener) : createServer(listener);
  const sockets = watchSockets(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  return {
    port,
    url: `${options.tls === true ? 'https' : 'http'}://127.0.0.1:${port}/`,
    requests: () => requests,
    connections: () => sockets.size,
    handle: next => {
      handler = next;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** A TCP server on a free loopback port that does `what` with every connection. */
export async function startTcpServer(
  what: (socket: Socket) => void,
): Promise<{port: number; connections: () => number; close: () => Promise<void>}> {
  const server = createTcpServer(socket => {
    socket.on('error', () => undefined);
    what(socket);
  });
  const sockets = watchSockets(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** A loopback port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await startTcpServer(socket => socket.destroy());
  await server.close();
  return server.port;
}

/** Timers, sockets and children that keep this process alive, by kind. Two of these are equal when nothing was left open. */
export function openResources(): readonly string[] {
  const kinds = ['Timeout', 'TCPSocketWrap', 'TLSWrap', 'TCPConnectWrap', 'ProcessWrap', 'TCPServerWrap'];
  return process
    .getActiveResourcesInfo()
    .filter(kind => kinds.includes(kind))
    .sort();
}
