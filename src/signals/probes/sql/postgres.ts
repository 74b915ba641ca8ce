import type {Socket} from 'node:net';
import type {Client, Query, QueryConfig} from 'pg';
import type {FirstColumn, SqlSession, SqlSessionOptions} from './session.js';

/** Everything comes as the text that the server wrote: a bigint or numeric loses no digit before it is read. */
const AS_TEXT = {getTypeParser: () => (text: unknown) => text};

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
      // The extended protocol takes one statement: nothing after a `;` could leave the transaction.
      const asked = {text: statement, rowMode: 'array', queryMode: 'extended', types: AS_TEXT};
      const query = this.newQuery(asked as typeof asked & {types: never});
      await new Promise((resolve, reject) => {
        // Row by row: a library that has a listener keeps none of them.
        query.on('row', row => take(row[0])).on('end', resolve);
        query.on('error', reject);
        this.client.query(query);
      });
      return performance.now() - started;
    } finally {
      // What went wrong before is what counts.
      await this.client.query('rollback').catch(() => (this.lost = true));
    }
  }

  async end(): Promise<void> {
    await this.client.end();
  }
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
  await client.connect();
  return session;
}
