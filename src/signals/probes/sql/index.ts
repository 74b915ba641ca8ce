import {dial} from '../../../system/dial.js';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {codeOf, describeFailure, failureOf, isTimeUp, reasonOf} from '../../network/failure.js';
import {certificateCheck, type CertificateCheck} from '../../network/certificates.js';
import {AnotherRole, NoneAnswered, noneOf, Servers} from '../../network/servers.js';
import {noValue, type NoValue} from '../../missing.js';
import {readNumber} from '../../number.js';
import {redactionOf, revealUrl} from '../../../system/secrets.js';
import {scrubber} from '../../scrub.js';
import {parseDatabaseUrl, type DatabaseAddress, type DatabaseServers} from './address.js';
import {openMysql} from './mysql.js';
import {parameters, type Parameters} from './parameters.js';
import {openPostgres} from './postgres.js';
import {SqlConnection, type SqlAnswer, type SqlSessionOptions} from './session.js';
import {expectStanding, type Standing} from './standing.js';

/** Of PostgreSQL: `57P01` and the like. */
const SHUTS_DOWN = /^57P0\d$/;
const LONGEST_MESSAGE = 200;

interface SqlProbeParts {
  readonly wanted: Parameters;
  readonly statement: string;
  readonly servers: DatabaseServers;
  readonly tls: CertificateCheck | undefined;
  readonly scrub: (text: string) => string;
}

class SqlProbe implements OpenProbe {
  readonly asks = 'target';
  private readonly servers: Servers<DatabaseAddress, SqlConnection>;
  private readonly leaving = new Set<Promise<void>>();

  constructor(private readonly parts: SqlProbeParts) {
    const {tls, wanted} = parts;
    const open = (address: DatabaseAddress, signal: AbortSignal) =>
      connect({address, tls, statementTimeoutMs: wanted.statementTimeout}, signal);
    this.servers = new Servers(parts.servers.servers, open);
  }

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    const up = this.parts.wanted.measure === 'up';
    try {
      return [await this.ask(signal)];
    } catch (error) {
      if (signal.aborted && !(up && isTimeUp(signal))) throw signal.reason;
      return [up ? {value: 0} : this.unanswered(error)];
    } finally {
      // Whether it is up for somebody new is asked anew: a server that refuses every client goes on serving those it
      // has.
      if (up) this.leave();
    }
  }

  async close(): Promise<void> {
    this.leave();
    await Promise.all(this.leaving);
  }

  /** Says good-bye, without waiting for it. */
  private leave(): void {
    const left = this.servers.leave();
    if (left === undefined) return;
    const gone = left.leave().finally(() => this.leaving.delete(gone));
    this.leaving.add(gone);
  }

  private async ask(signal: AbortSignal): Promise<Reading> {
    const {wanted} = this.parts.servers;
    const put = (standing: Standing) => this.servers.ask(connection => this.answerOf(connection, standing), signal);
    if (wanted !== 'prefer-standby') return put(wanted);
    // As libpq: a stand-by where there is one, and whoever was found is stayed with.
    if (await this.servers.isKept()) return put('any');
    return put('standby').catch((error: unknown) => {
      if (error instanceof NoneAnswered) return put('any');
      throw error;
    });
  }

  /** Rejects where the next server is to be asked: this one is not what is wanted, or broke. */
  private async answerOf(connection: SqlConnection, wanted: Standing): Promise<Reading> {
    const {session} = connection;
    if (wanted !== 'any') await expectStanding(session, wanted);
    try {
      return this.readingOf(await session.ask(this.parts.statement));
    } catch (error) {
      const goesOn = !connection.lost && failureOf(error) === 'other' && !SHUTS_DOWN.test(codeOf(error));
      if (!goesOn || this.parts.wanted.measure === 'up') throw error;
      return this.failed(error);
    }
  }

  private readingOf({first, ms}: SqlAnswer): Reading {
    switch (this.parts.wanted.measure) {
      case 'up':
        return {value: 1};
      case 'latency':
        return {value: ms};
      case 'number':
        if (first === undefined) return noValue('record', 'the statement answers with no row');
        if (first === null) return noValue('record', 'the first column of the first row is NULL');
        return readNumber(this.parts.scrub(first), 'a number in the first column of the first row');
    }
  }

  private unanswered(error: unknown): NoValue {
    const errors = error instanceof NoneAnswered ? error.errors : [error];
    return noneOf(errors.map(one => this.failed(one)));
  }

  /** What the server said; what the network did in fixed words. */
  private failed(error: unknown): NoValue {
    if (error instanceof AnotherRole) return noValue('role', `it answers as ${error.role}`);
    const code = codeOf(error);
    if (failureOf(error) !== 'other' || !(error instanceof Error))
      return noValue(reasonOf(error), describeFailure(error));
    const message = this.parts.scrub(error.message).replaceAll(/\s+/g, ' ');
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
  wanted: Parameters,
  encryption: DatabaseAddress['encryption'],
): Promise<CertificateCheck | undefined> {
  if (wanted.tls !== undefined) return certificateCheck(wanted.tls);
  if (encryption === 'verified') return certificateCheck(undefined);
  return encryption === 'required' ? {rejectUnauthorized: false} : undefined;
}

/** Messages of a server may show a part of the URL: the password, and secrets anywhere, are taken out. */
function scrubbing(wanted: Parameters, password: string | undefined, reveal: (text: string) => string) {
  const secrets = scrubber([wanted.url, wanted.query], reveal);
  const own = redactionOf(password === undefined ? [] : [password]);
  return (text: string) => own(secrets(text));
}

const NO_ADDRESS = {dialect: 'postgres', encryption: undefined, password: undefined} as const;

async function open(wanted: Parameters, {reveal}: ProbeContext): Promise<OpenProbe> {
  const servers = parseDatabaseUrl(revealUrl(wanted.url, reveal));
  // Hosts of one URL share all but their place.
  const [{dialect, encryption, password} = NO_ADDRESS] = servers.servers;
  // Loaded before anything is timed: a server would be taken for one that hangs.
  await (dialect === 'mysql' ? import('mysql2/promise') : import('pg'));
  const tls = await encryptionOf(wanted, encryption);
  const scrub = scrubbing(wanted, password, reveal);
  return new SqlProbe({wanted, servers, tls, scrub, statement: reveal(wanted.query)});
}

export const source: ProbeSource = {
  name: 'sql',
  summary: 'A number, the latency or the availability of PostgreSQL, MySQL or MariaDB.',
  parameters,
  opens: {
    anew: 'with `measure: up` a connection with its login; else only what was lost, or is no longer what `target_session_attrs` wants',
    kept: 'with `latency` and `number` one session',
  },
  open: (given, context) => open(given as Parameters, context),
};
