import {randomUUID} from 'node:crypto';
import {openSession, type RedisSession} from '../../src/signals/stores/redis/session.js';
import {startHttpServer, type TestServer} from './http-server.js';
import {roleAt} from './sentinel.js';

/** How a service takes orders, and which of them it acknowledged: the truth that a run is compared with. */
export interface Orders {
  readonly server: TestServer;
  /** The ids of the orders that were answered with 201, in their order. */
  readonly acknowledged: readonly string[];
}

/** An order is stored within this time, or refused. */
const PATIENCE_MS = 600;
const ROLE_MS = 150;

async function stored(port: number, id: string, isSafe: (session: RedisSession) => Promise<boolean>): Promise<boolean> {
  const place = {host: '127.0.0.1', port, user: undefined, password: undefined, database: 0, encrypted: false};
  const over = new AbortController();
  const limit = setTimeout(() => over.abort(), PATIENCE_MS);
  try {
    const session = await openSession(place, undefined, over.signal);
    await session.ask('RPUSH', 'orders', id);
    const safe = await isSafe(session);
    session.cut();
    return safe;
  } catch {
    return false;
  } finally {
    clearTimeout(limit);
  }
}

/**
 * A service that stores each order at the first of the servers that calls itself primary, as a client does that asks
 * nobody else. `waits`: it acknowledges only what a replica has too.
 */
export async function startOrders(ports: readonly number[], {waits}: {readonly waits: boolean}): Promise<Orders> {
  const acknowledged: string[] = [];
  const isSafe = async (session: RedisSession) => !waits || (await session.ask('WAIT', '1', '200')) === 1;
  const primary = async () => {
    for (const port of ports) if ((await roleAt(port, ROLE_MS)) === 'primary') return port;
    return undefined;
  };
  const server = await startHttpServer((_request, response) => {
    const id = randomUUID();
    void primary()
      .then(port => (port === undefined ? false : stored(port, id, isSafe)))
      .then(safe => {
        response.statusCode = safe ? 201 : 503;
        if (safe) acknowledged.push(id);
        response.end(JSON.stringify(safe ? {id} : {error: 'not stored'}));
      });
  });
  return {server, acknowledged};
}
