import {excerpt, redactionOf, revealUrl} from '../../../system/secrets.js';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {noValue, type NoValue} from '../../missing.js';
import {certificateCheck, type CertificateCheck} from '../../network/certificates.js';
import {describeFailure, failureOf, isTimeUp, reasonOf} from '../../network/failure.js';
import {firstToAnswer, NoneAnswered, noneOf} from '../../network/servers.js';
import {scrubber} from '../../scrub.js';
import {parseRedisUrl, type RedisAddress} from './address.js';
import {parameters, type Parameters} from './parameters.js';
import {askFor, roleOf, type Question, type Role} from './questions.js';
import {NotRedis, openSession, RedisRefusal, type RedisSession} from './session.js';

const LONGEST_MESSAGE = 200;

/** The server answers as something else than was wanted. */
class AnotherRole extends Error {
  constructor(readonly role: Role) {
    super(role);
  }
}

interface RedisServer {
  readonly address: RedisAddress;
  readonly tls: CertificateCheck | undefined;
}

interface RedisProbeParts extends Question {
  readonly servers: readonly RedisServer[];
}

interface Answered {
  readonly server: RedisServer;
  readonly session: RedisSession;
  readonly reading: Reading;
}

class RedisProbe implements OpenProbe {
  readonly asks = 'target';
  /** Who answered last. */
  private kept: Omit<Answered, 'reading'> | undefined;

  constructor(private readonly parts: RedisProbeParts) {}

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    const up = this.parts.wanted.measure === 'up';
    try {
      const {reading, server, session} = await firstToAnswer(this.inOrder(), signal);
      if (this.kept?.session !== session) this.leave();
      this.kept = {server, session};
      // Whether it is up for somebody new is asked anew each time.
      if (up) this.leave();
      return [reading];
    } catch (error) {
      this.leave();
      if (signal.aborted && !(up && isTimeUp(signal))) throw signal.reason;
      return [up ? {value: 0} : this.unanswered(error)];
    }
  }

  close(): Promise<void> {
    this.leave();
    return Promise.resolve();
  }

  private leave(): void {
    this.kept?.session.cut();
    this.kept = undefined;
  }

  /** The one that answered last, and then the others in the order of the file. */
  private inOrder(): readonly ((signal: AbortSignal) => Promise<Answered>)[] {
    const {kept} = this;
    const others = this.parts.servers.filter(server => server !== kept?.server);
    const anew = others.map(server => (signal: AbortSignal) => this.askAnew(server, signal));
    return kept === undefined ? anew : [signal => this.askAgain(kept, signal), ...anew];
  }

  private async askAnew(server: RedisServer, signal: AbortSignal): Promise<Answered> {
    const session = await openSession(server.address, server.tls, signal);
    return {server, session, reading: await this.ask(session)};
  }

  /** A connection that broke says little of its server: that is asked once more, over another one. */
  private async askAgain({server, session}: Omit<Answered, 'reading'>, signal: AbortSignal): Promise<Answered> {
    signal.addEventListener('abort', () => session.cut(), {once: true});
    try {
      return {server, session, reading: await this.ask(session)};
    } catch (error) {
      const broke = failureOf(error) === 'reset' && !signal.aborted;
      if (!broke) throw error;
      return this.askAnew(server, signal);
    }
  }

  private async ask(session: RedisSession): Promise<Reading> {
    const {wanted} = this.parts;
    try {
      if (wanted.ask !== 'any') {
        const role = await roleOf(session);
        if (role !== wanted.ask) throw new AnotherRole(role);
      }
      return await askFor(session, this.parts);
    } catch (error) {
      session.cut();
      throw error;
    }
  }

  private unanswered(error: unknown): NoValue {
    const errors = error instanceof NoneAnswered ? error.errors : [error];
    return noneOf(errors.map(one => failed(one, this.parts.scrub)));
  }
}

/** The server's own words, or fixed ones for what the network did. */
function failed(error: unknown, scrub: (text: string) => string): NoValue {
  if (error instanceof AnotherRole) return noValue('role', `it answers as ${error.role}`);
  if (error instanceof NotRedis) return noValue('answer', 'expected an answer of a Redis server; got something else');
  if (!(error instanceof RedisRefusal)) return noValue(reasonOf(error), describeFailure(error));
  const why = `the server: ${excerpt(error.message, LONGEST_MESSAGE, scrub)}`;
  return noValue(isAskedWrongly(error) ? 'question' : `database-${error.code}`, why);
}

/** Login, permission, the kind of key or the command itself is refused: that is no failure of the server. */
function isAskedWrongly({code, message}: RedisRefusal): boolean {
  if (code === 'ERR') return !/max number of clients/i.test(message);
  return ['NOAUTH', 'WRONGPASS', 'NOPERM', 'WRONGTYPE', 'DENIED', 'MOVED', 'ASK'].includes(code);
}

async function open(wanted: Parameters, {reveal}: ProbeContext): Promise<OpenProbe> {
  const addresses = wanted.urls.map(url => parseRedisUrl(revealUrl(url, reveal)));
  const check = await certificateCheck(wanted.tls);
  const encrypted = ({encrypted}: RedisAddress) => encrypted || wanted.tls !== undefined;
  const servers = addresses.map(address => ({address, tls: encrypted(address) ? check : undefined}));
  const asked = wanted.info ?? wanted.length ?? wanted.get ?? '';
  const secrets = scrubber([...wanted.urls, asked], reveal);
  const own = redactionOf(addresses.flatMap(({password}) => password ?? []));
  return new RedisProbe({wanted, named: reveal(asked), servers, scrub: text => own(secrets(text))});
}

export const source: ProbeSource = {
  name: 'redis',
  summary: 'A number, the role, the latency or the availability of Redis.',
  parameters,
  opens: {
    anew: 'with `measure: up` a connection with its login; else only what was lost, or is no longer what `ask` wants',
    kept: 'else one connection',
  },
  open: (given, context) => open(given as Parameters, context),
};
