import type {Connection} from 'mysql2/promise';
import {MOST_IDS} from '../../writes/spec.js';
import type {FirstColumn, SqlSession, SqlSessionOptions} from './session.js';

/** As the text that the server wrote: a bigint or decimal loses no digit before it is read. */
const AS_TEXT = (field: {string(): string | null}) => field.string();

class MysqlSession implements SqlSession {
  lost = false;
  /** What it works on is limited by the session. */
  readonly cancelling = undefined;

  constructor(private readonly connection: Connection) {
    connection.on('error', () => (this.lost = true));
    connection.on('end', () => (this.lost = true));
  }

  async each(statement: string, take: (first: FirstColumn) => void): Promise<number> {
    await this.connection.query('start transaction read only');
    try {
      const started = performance.now();
      const [rows] = await this.connection.query({sql: statement, rowsAsArray: true, typeCast: AS_TEXT});
      const ms = performance.now() - started;
      for (const row of Array.isArray(rows) ? (rows as readonly unknown[]) : [])
        if (Array.isArray(row)) take((row as readonly (string | null)[])[0]);
      return ms;
    } finally {
      // What went wrong before is what counts.
      await this.connection.query('rollback').catch(() => (this.lost = true));
    }
  }

  async run(statement: string, values: readonly string[]): Promise<FirstColumn> {
    const options = {sql: statement, values: [...values], rowsAsArray: true, typeCast: AS_TEXT};
    const [rows] = await this.connection.execute(options);
    const [row] = Array.isArray(rows) ? (rows as readonly unknown[]) : [];
    return Array.isArray(row) ? (row as readonly (string | null)[])[0] : undefined;
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

export async function openMysql({
  address,
  socket,
  tls,
  statementTimeoutMs,
  readOnly,
}: SqlSessionOptions): Promise<SqlSession> {
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
  // The library keeps all rows until the last has come: one more than is listed says that there are too many.
  await connection.query(`set session sql_select_limit = ${MOST_IDS + 1}`);
  // Beyond the transaction: a statement that commits by itself may not change anything either.
  if (readOnly) await connection.query('set session transaction read only');
  return session;
}
