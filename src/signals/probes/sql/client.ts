import {dial} from '../../../system/dial.js';
import {redactionOf, revealUrl} from '../../../system/secrets.js';
import type {ProbeContext} from '../../contract.js';
import type {NoValue} from '../../missing.js';
import {noValue} from '../../missing.js';
import {certificateCheck, type CertificateCheck} from '../../network/certificates.js';
import {codeOf, describeFailure, failureOf, reasonOf} from '../../network/failure.js';
import {AnotherRole, NoneAnswered, noneOf, Servers} from '../../network/servers.js';
import {scrubber} from '../../scrub.js';
import {parseDatabaseUrl, type DatabaseAddress, type WantedStanding} from './address.js';
import {openMysql} from './mysql.js';
import type {Parameters} from './parameters.js';
import {openPostgres} from './postgres.js';
import {SqlConnection, type SqlSessionOptions} from './session.js';
import {expectStanding, type Standing} from './standing.js';

/** Of PostgreSQL: `57P01` and the like. */
const SHUTS_DOWN = /^57P0\d$/;
const LONGEST_MESSAGE = 200;

/** What says where the databases are and how they are spoken to. */
export type SqlPlace = Pick<Parameters, 'url' | 'query' | 'tls' | 'statementTimeout'>;

interface SqlClientParts {
  readonly servers: Servers<DatabaseAddress, SqlConnection>;
  readonly wanted: WantedStanding;
  /** The statement, with its secrets. */
  readonly statement: string;
  readonly scrub: (text: string) => string;
}

/** Asks whichever of the servers is what is wanted, over a connection that is kept. */
export class SqlClient {
  private readonly leaving = new Set<Promise<void>>();

  constructor(private readonly parts: SqlClientParts) {}

  get statement(): string {
    return this.parts.statement;
  }

  /** Takes the secrets out of what a server says. */
  scrub(text: string): string {
    return this.parts.scrub(text);
  }

  /**
   * Puts a question to one of the servers; where that one is not what is wanted, or breaks, to the next. What the
   * server refuses is the answer, unless `any` error counts as a failure of the server. Rejects with `NoneAnswered`, or
   * the signal's reason.
   */
  async ask<T>(
    question: (connection: SqlConnection) => Promise<T>,
    signal: AbortSignal,
    any = false,
  ): Promise<T | NoValue> {
    const {wanted, servers} = this.parts;
    const put = (standing: Standing) =>
      servers.ask(connection => this.answerOf(connection, {question, standing, any}), signal);
    if (wanted !== 'prefer-standby') return put(wanted);
    // As libpq: a stand-by where there is one, and whoever was found is stayed with.
    if (await servers.isKept()) return put('any');
    return put('standby').catch((error: unknown) => {
      if (error instanceof NoneAnswered) return put('any');
      throw error;
    });
  }

  /** Why nobody answered. */
  unanswered(error: unknown): NoValue {
    const errors = error instanceof NoneAnswered ? error.errors : [error];
    return noneOf(errors.map(one => this.failed(one)));
  }

  /** Says good-bye, without waiting for it: the next question is put over a new connection. */
  leave(): void {
    const left = this.parts.servers.leave();
    if (left === undefined) return;
    const gone = left.leave().finally(() => this.leaving.delete(gone));
    this.leaving.add(gone);
  }

  async close(): Promise<void> {
    this.leave();
    await Promise.all(this.leaving);
  }

  /** Rejects where the next server is to be asked: this one is not what is wanted, or broke. */
  private async answerOf<T>(
    connection: SqlConnection,
    {question, standing, any}: {question: (connection: SqlConnection) => Promise<T>; standing: Standing; any: boolean},
  ): Promise<T | NoValue> {
    if (standing !== 'any') await expectStanding(connection.session, standing);
    try {
      return await question(connection);
    } catch (error) {
      const goesOn = !connection.lost && failureOf(error) === 'other' && !SHUTS_DOWN.test(codeOf(error));
      if (!goesOn || any) throw error;
      return this.failed(error);
    }
  }

  /** What the server said; what the network did in fixed words. */
  private failed(error: unknown): NoValue {
    if (error instanceof AnotherRole) return noValue('role', `it answers as ${error.role}`);
    const code = codeOf(error);
    if (failureOf(error) !== 'other' || !(error instanceof Error))
      return noValue(reasonOf(error), describeFailure(error));
    const message = this.scrub(error.message).replaceAll(/\s+/g, ' ');
    const shown = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message;
    const why = code === '' ? `the database: ${shown}` : `the database (${code}): ${shown}`;
    return noValue(isAskedWrongly(error) ? 'question' : `database-${code}`, why);
  }
}

/**
 * Login, permission, a name or the statement itself is refused (SQLSTATE classes 28, 3D, 3F and 42): that is no failure
 * of the database.
 */
function isAskedWrongly(error: Error): boolean {
  const state = 'sqlState' in error && typeof error.sqlState === 'string' ? error.sqlState : codeOf(error);
  return /^(?:28|3D|3F|42)[0-9A-Z]{3}$/.test(state);
}

async function connect(options: Omit<SqlSessionOptions, 'socket'>, signal: AbortSignal): Promise<SqlConnection> {
  const {host, port, socketPath, dialect} = options.address;
  const socket = await dial(socketPath === undefined ? {host, port} : {path: socketPath}, {signal});
  signal.addEventListener('abort', () => socket.destroy(), {once: true});
  try {
    const session = await (dialect === 'postgres' ? openPostgres : openMysql)({...options, socket});
    return new SqlConnection(session, socket);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** `tls` of the probe decides; else what the URL asks for. */
async function encryptionOf(
  {tls}: SqlPlace,
  encryption: DatabaseAddress['encryption'],
): Promise<CertificateCheck | undefined> {
  if (tls !== undefined) return certificateCheck(tls);
  if (encryption === 'verified') return certificateCheck(undefined);
  return encryption === 'required' ? {rejectUnauthorized: false} : undefined;
}

/** Messages of a server may show a part of the URL: the password, and secrets anywhere, are taken out. */
function scrubbing({url, query}: SqlPlace, password: string | undefined, reveal: (text: string) => string) {
  const secrets = scrubber([url, query], reveal);
  const own = redactionOf(password === undefined ? [] : [password]);
  return (text: string) => own(secrets(text));
}

const NO_ADDRESS = {dialect: 'postgres', encryption: undefined, password: undefined} as const;

/** @throws FiredrillError PROBE_UNUSABLE when the URL is none of a database. */
export async function openSqlClient(place: SqlPlace, {reveal}: Pick<ProbeContext, 'reveal'>): Promise<SqlClient> {
  const {servers, wanted} = parseDatabaseUrl(revealUrl(place.url, reveal));
  // Hosts of one URL share all but their place.
  const [{dialect, encryption, password} = NO_ADDRESS] = servers;
  // Loaded before anything is timed: a server would be taken for one that hangs.
  await (dialect === 'mysql' ? import('mysql2/promise') : import('pg'));
  const tls = await encryptionOf(place, encryption);
  const open = (address: DatabaseAddress, signal: AbortSignal) =>
    connect({address, tls, statementTimeoutMs: place.statementTimeout}, signal);
  return new SqlClient({
    servers: new Servers(servers, open),
    wanted,
    statement: reveal(place.query),
    scrub: scrubbing(place, password, reveal),
  });
}
