import {Socket} from 'node:net';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {codeOf, describeFailure, failureOf, isTimeUp} from '../../network/failure.js';
import {certificateCheck, type CertificateCheck} from '../../network/http-parts.js';
import {readNumber} from '../../number.js';
import {scrubber} from '../../scrub.js';
import {parseDatabaseUrl, type DatabaseAddress} from './address.js';
import {openMysql} from './mysql.js';
import {parameters, unitOf, worseOf, type Parameters} from './parameters.js';
import {openPostgres} from './postgres.js';
import type {Answer, Session} from './session.js';

/** How long a good-bye to the server may take. */
const FAREWELL_MS = 1000;
const LONGEST_MESSAGE = 200;

interface Parts {
  readonly wanted: Parameters;
  readonly statement: string;
  readonly address: DatabaseAddress;
  readonly tls: CertificateCheck | undefined;
  readonly scrub: (text: string) => string;
}

class SqlProbe implements OpenProbe {
  private session: Session | undefined;
  /** Of the session, or of the one that is being opened. */
  private socket: Socket | undefined;

  constructor(private readonly parts: Parts) {}

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    const {measure} = this.parts.wanted;
    const cut = () => this.drop();
    signal.addEventListener('abort', cut, {once: true});
    try {
      const answer = await (await this.connected()).ask(this.parts.statement);
      return [this.readingOf(answer)];
    } catch (error) {
      if (signal.aborted && !(measure === 'up' && isTimeUp(signal))) throw signal.reason;
      if (measure === 'up') return [{value: 0}];
      return [{value: null, why: this.whyOf(error)}];
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  async close(): Promise<void> {
    const timer = setTimeout(() => this.drop(), FAREWELL_MS);
    await this.session?.end().catch(() => undefined);
    clearTimeout(timer);
    this.drop();
  }

  /** The kept session, or a new one where the last was lost. */
  private async connected(): Promise<Session> {
    if (this.session?.lost === false) return this.session;
    this.drop();
    const {address, tls, wanted} = this.parts;
    const socket = new Socket();
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

  private readingOf({first, ms}: Answer): Reading {
    switch (this.parts.wanted.measure) {
      case 'up':
        return {value: 1};
      case 'latency':
        return {value: ms};
      case 'number':
        if (first === undefined) return {value: null, why: 'the statement answers with no row'};
        if (first === null) return {value: null, why: 'the first column of the first row is NULL'};
        return readNumber(this.parts.scrub(first), 'a number in the first column of the first row');
    }
  }

  /** What the server said; what the network did in fixed words. */
  private whyOf(error: unknown): string {
    const code = codeOf(error);
    if (failureOf(error) !== 'other' || !(error instanceof Error)) return describeFailure(error);
    const message = this.parts.scrub(error.message).replaceAll(/\s+/g, ' ');
    const shown = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message;
    return code === '' ? `the database: ${shown}` : `the database (${code}): ${shown}`;
  }
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
  return (text: string) => secrets(password === undefined ? text : text.replaceAll(password, '***'));
}

async function open(wanted: Parameters, {reveal}: ProbeContext): Promise<OpenProbe> {
  const address = parseDatabaseUrl(reveal(wanted.url));
  const tls = await encryptionOf(wanted, address);
  const scrub = scrubbing(wanted, address, reveal);
  return new SqlProbe({wanted, address, tls, scrub, statement: reveal(wanted.query)});
}

export const source: ProbeSource = {
  name: 'sql',
  summary: 'A number, the latency or the availability of PostgreSQL, MySQL or MariaDB.',
  parameters,
  unit: unitOf,
  worse: worseOf,
  open: (given, context) => open(given as Parameters, context),
};
