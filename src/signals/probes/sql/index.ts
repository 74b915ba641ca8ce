import type {Socket} from 'node:net';
import {dial} from '../../../system/dial.js';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {codeOf, describeFailure, failureOf, isTimeUp, reasonOf} from '../../network/failure.js';
import {certificateCheck, type CertificateCheck} from '../../network/certificates.js';
import {noValue, type NoValue} from '../../missing.js';
import {readNumber} from '../../number.js';
import {redactionOf, revealUrl} from '../../../system/secrets.js';
import {scrubber} from '../../scrub.js';
import {parseDatabaseUrl, type DatabaseAddress} from './address.js';
import {openMysql} from './mysql.js';
import {parameters, type Parameters} from './parameters.js';
import {openPostgres} from './postgres.js';
import type {SqlAnswer, SqlSession} from './session.js';

/** How long a good-bye to the server may take. */
const FAREWELL_MS = 1000;
const LONGEST_MESSAGE = 200;

interface SqlProbeParts {
  readonly wanted: Parameters;
  readonly statement: string;
  readonly address: DatabaseAddress;
  readonly tls: CertificateCheck | undefined;
  readonly scrub: (text: string) => string;
}

class SqlProbe implements OpenProbe {
  readonly asks = 'target';
  private session: SqlSession | undefined;
  /** Of the session. */
  private socket: Socket | undefined;
  private readonly leaving = new Set<Promise<void>>();

  constructor(private readonly parts: SqlProbeParts) {}

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    const {measure} = this.parts.wanted;
    const cut = () => this.drop();
    signal.addEventListener('abort', cut, {once: true});
    try {
      const session = await this.connected(signal);
      return [this.readingOf(await session.ask(this.parts.statement))];
    } catch (error) {
      if (signal.aborted && !(measure === 'up' && isTimeUp(signal))) throw signal.reason;
      if (measure === 'up') return [{value: 0}];
      return [this.unanswered(error)];
    } finally {
      signal.removeEventListener('abort', cut);
      // Whether it is up for somebody new is asked anew: a server that refuses every client goes on serving those it
      // has.
      if (measure === 'up') this.leave();
    }
  }

  async close(): Promise<void> {
    this.leave();
    await Promise.all(this.leaving);
  }

  /** Says good-bye, without waiting for it. */
  private leave(): void {
    const {session, socket} = this;
    this.session = undefined;
    this.socket = undefined;
    if (session === undefined || socket === undefined) return;
    const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
    const left = session
      .end()
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        socket.destroy();
        this.leaving.delete(left);
      });
    this.leaving.add(left);
  }

  /** The kept session, or a new one where the last was lost. */
  private async connected(signal: AbortSignal): Promise<SqlSession> {
    if (this.session?.lost === false) return this.session;
    this.drop();
    const {address, tls, wanted} = this.parts;
    const {host, port, socketPath} = address;
    const socket = await dial(socketPath === undefined ? {host, port} : {path: socketPath}, {signal});
    this.socket = socket;
    const open = address.dialect === 'postgres' ? openPostgres : openMysql;
    try {
      this.session = await open({address, socket, tls, statementTimeoutMs: wanted.statementTimeout});
      return this.session;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** Cuts the connection: whatever waits for it is rejected, and the next read opens another. */
  private drop(): void {
    this.socket?.destroy();
    this.socket = undefined;
    this.session = undefined;
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

  /** What the server said; what the network did in fixed words. */
  private unanswered(error: unknown): NoValue {
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

/** `tls` of the probe decides; else what the URL asks for. */
async function encryptionOf(wanted: Parameters, {encryption}: DatabaseAddress): Promise<CertificateCheck | undefined> {
  if (wanted.tls !== undefined) return certificateCheck(wanted.tls);
  if (encryption === 'verified') return certificateCheck(undefined);
  return encryption === 'required' ? {rejectUnauthorized: false} : undefined;
}

/** Messages of a server may show a part of the URL: the password, and secrets anywhere, are taken out. */
function scrubbing(wanted: Parameters, {password}: DatabaseAddress, reveal: (text: string) => string) {
  const secrets = scrubber([wanted.url, wanted.query], reveal);
  const own = redactionOf(password === undefined ? [] : [password]);
  return (text: string) => own(secrets(text));
}

async function open(wanted: Parameters, {reveal}: ProbeContext): Promise<OpenProbe> {
  const address = parseDatabaseUrl(revealUrl(wanted.url, reveal));
  const tls = await encryptionOf(wanted, address);
  const scrub = scrubbing(wanted, address, reveal);
  return new SqlProbe({wanted, address, tls, scrub, statement: reveal(wanted.query)});
}

export const source: ProbeSource = {
  name: 'sql',
  summary: 'A number, the latency or the availability of PostgreSQL, MySQL or MariaDB.',
  parameters,
  opens: {
    anew: 'with `measure: up` a connection with its login; else only what was lost',
    kept: 'with `latency` and `number` one session',
  },
  open: (given, context) => open(given as Parameters, context),
};
