import type {Socket} from 'node:net';
import type {Client, Query, QueryConfig} from 'pg';
import {codeOf} from '../../network/failure.js';
import type {FirstColumn, SqlSession, SqlSessionOptions} from './session.js';

/** Everything comes as the text that the server wrote: a bigint or numeric loses no digit before it is read. */
const AS_TEXT = {getTypeParser: () => (text: unknown) => text};

/** What begins the order to give a statement up (the protocol's CancelRequest). */
const CANCEL_REQUEST = 80_877_102;

class PostgresSession implements SqlSession {
  lost = false;

  constructor(
    private readonly client: Client,
    private readonly newQuery: (config: QueryConfig) => Query<FirstColumn[]>,
    private readonly statementTimeoutMs: number,
  ) {
    // Also after a loss: the library tells of one more than once.
    client.on('error', () => (this.lost = true)).on('end', () => (this.lost = true));
  }

  async each(statement: string, take: (first: FirstColumn) => void): Promise<number> {
    // Set for the transaction alone: a pooler such as pgbouncer refuses settings of the session.
    await this.client.query(`begin read only; set local statement_timeout = ${Math.ceil(this.statementTimeoutMs)}`);
    try {
      const started = performance.now();
      await this.rows({text: statement}, take);
      return performance.now() - started;
    } finally {
      // What went wrong before is what counts.
      await this.client.query('rollback').catch(() => (this.lost = true));
    }
  }

  async run(statement: string, values: readonly string[]): Promise<FirstColumn> {
    let rows = 0;
    let first: FirstColumn;
    // Without a name, as poolers such as pgbouncer want it.
    await this.rows({text: statement, values: [...values]}, value => {
      if (rows++ === 0) first = value;
    });
    return first;
  }

  get cancelling(): Buffer | undefined {
    const {client} = this;
    const [process, key] = ['processID' in client && client.processID, 'secretKey' in client && client.secretKey];
    if (typeof process !== 'number' || typeof key !== 'number') return undefined;
    const order = Buffer.alloc(16);
    [order.length, CANCEL_REQUEST, process, key].forEach((word, at) => order.writeInt32BE(word, at * 4));
    return order;
  }

  async end(): Promise<void> {
    await this.client.end();
  }

  private rows(asked: {text: string; values?: string[]}, take: (first: FirstColumn) => void): Promise<void> {
    // The extended protocol takes one statement: nothing after a `;` could leave a transaction.
    const config = {...asked, rowMode: 'array', queryMode: 'extended', types: AS_TEXT};
    const query = this.newQuery(config as typeof config & {types: never});
    return new Promise((resolve, reject) => {
      // Row by row: a library that has a listener keeps none of them.
      query.on('row', row => take(row[0])).on('end', () => resolve());
      query.on('error', error => reject(toldApart(error)));
      this.client.query(query);
    });
  }
}

/** The library has no code for a connection that was lost. */
function toldApart(error: unknown): Error {
  const told = error instanceof Error ? error : new Error(String(error));
  const lost = /^(?:Connection terminated|Client (?:has encountered|was closed))/.test(told.message);
  return lost && codeOf(told) === '' ? Object.assign(told, {code: 'ECONNRESET'}) : told;
}

/** The library connects what it is given: it gets a socket that is connected, and hears of it as it would. */
function taken(socket: Socket): Socket {
  socket.connect = () => {
    process.nextTick(() => socket.emit('connect'));
    return socket;
  };
  return socket;
}

/** Every field is set: the library fills what is missing from `PG…` variables of the environment. */
export async function openPostgres({address, socket, tls, statementTimeoutMs}: SqlSessionOptions): Promise<SqlSession> {
  const {default: pg} = await import('pg');
  const {user, password, database, host, port, socketPath} = address;
  const client = new pg.Client({
    user: user ?? 'postgres',
    password: () => password ?? '',
    database: database ?? user ?? 'postgres',
    host: socketPath === undefined ? host : socketPath.replace(/\/\.s\.PGSQL\.\d+$/, ''),
    port,
    stream: () => taken(socket),
    ssl: tls ?? false,
    application_name: 'firedrill',
  });
  const session = new PostgresSession(client, config => new pg.Query(config), statementTimeoutMs);
  await client.connect().catch((error: unknown) => {
    throw toldApart(error);
  });
  return session;
}
