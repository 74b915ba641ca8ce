import type {Connection} from 'mysql2/promise';
import type {SqlAnswer, SqlSession, SqlSessionOptions} from './session.js';

class MysqlSession implements SqlSession {
  lost = false;

  constructor(private readonly connection: Connection) {
    connection.on('error', () => (this.lost = true));
    connection.on('end', () => (this.lost = true));
  }

  async ask(statement: string): Promise<SqlAnswer> {
    await this.connection.query('start transaction read only');
    try {
      const started = performance.now();
      // As the text that the server wrote: a bigint or decimal loses no digit before it is read.
      const [rows] = await this.connection.query({
        sql: statement,
        rowsAsArray: true,
        typeCast: field => field.string(),
      });
      const first = Array.isArray(rows) ? (rows as readonly unknown[])[0] : undefined;
      const [value] = Array.isArray(first) ? (first as readonly (string | null)[]) : [];
      return {first: value, ms: performance.now() - started};
    } finally {
      // What went wrong before is what counts.
      await this.connection.query('rollback').catch(() => (this.lost = true));
    }
  }

  async end(): Promise<void> {
    await this.connection.end();
  }
}

/** The two servers name it differently, and only MariaDB bounds more than `select`. */
function timeoutStatement(version: string, ms: number): string {
  return version.includes('MariaDB')
    ? `set session max_statement_time = ${ms / 1000}`
    : `set session max_execution_time = ${Math.ceil(ms)}`;
}

export async function openMysql({address, socket, tls, statementTimeoutMs}: SqlSessionOptions): Promise<SqlSession> {
  const {createConnection} = await import('mysql2/promise');
  const {user, password, database, host, port} = address;
  const connection = await createConnection({
    host,
    port,
    user: user ?? 'root',
    password: password ?? '',
    ...(database === undefined ? {} : {database}),
    stream: () => socket,
    ...(tls === undefined ? {} : {ssl: {...tls, verifyIdentity: tls.rejectUnauthorized}}),
    multipleStatements: false,
    connectTimeout: 0,
  });
  const session = new MysqlSession(connection);
  const [rows] = await connection.query('select version()');
  const version = JSON.stringify(rows);
  await connection.query(timeoutStatement(version, statementTimeoutMs));
  // Beyond the transaction: a statement that commits by itself may not change anything either.
  await connection.query('set session transaction read only');
  return session;
}
