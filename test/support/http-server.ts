import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {createServer as createSecureServer} from 'node:https';
import {createServer as createTcpServer, type AddressInfo, type Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
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

function watchSockets(server: {on(event: 'connection', listener: (socket: Socket) => void): unknown}): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** A real HTTP server on a free loopback port, whose behaviour can be changed while it runs. */
export async function startHttpServer(
  first: Handler = answerOk,
  options: {tls?: boolean; port?: number} = {},
): Promise<TestServer> {
  let handler = first;
  let requests = 0;
  const listener: Handler = (request, response) => {
    requests++;
    request.resume();
    handler(request, response);
  };
  const server = options.tls === true ? createSecureServer(SELF_SIGNED, listener) : createServer(listener);
  const sockets = watchSockets(server);
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve));
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

/** Sockets and children that keep this process alive, by kind. */
function openHandles(): readonly string[] {
  const kinds = [
    'TCPSocketWrap',
    'TLSWrap',
    'TCPConnectWrap',
    'ProcessWrap',
    'TCPServerWrap',
    'PipeWrap',
    'GetAddrInfoReqWrap',
  ];
  return process
    .getActiveResourcesInfo()
    .filter(kind => kinds.includes(kind))
    .sort();
}

/**
 * Remembers what is open now; the answer waits (a closing handle takes a turn or two) and tells what is open on top of
 * it.
 */
export function watchHandles(): () => Promise<readonly string[]> {
  const before = openHandles();
  const extra = (): readonly string[] => {
    const left = [...before];
    return openHandles().filter(kind => {
      const at = left.indexOf(kind);
      if (at !== -1) left.splice(at, 1);
      return at === -1;
    });
  };
  return async () => {
    for (let turn = 0; turn < 50 && extra().length > 0; turn++) await delay(20);
    return extra();
  };
}
