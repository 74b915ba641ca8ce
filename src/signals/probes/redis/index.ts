import {excerpt, redactionOf, revealUrl} from '../../../system/secrets.js';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {noValue, type NoValue} from '../../missing.js';
import {certificateCheck, type CertificateCheck} from '../../network/certificates.js';
import {describeFailure, isTimeUp, reasonOf} from '../../network/failure.js';
import {AnotherRole, NoneAnswered, noneOf, Servers} from '../../network/servers.js';
import {scrubber} from '../../scrub.js';
import {parseRedisUrl, type RedisAddress} from './address.js';
import {parameters, type Parameters} from './parameters.js';
import {askFor, roleOf, type Question} from './questions.js';
import {NotRedis, openSession, RedisRefusal, type RedisSession} from './session.js';

const LONGEST_MESSAGE = 200;

interface RedisServer {
  readonly address: RedisAddress;
  readonly tls: CertificateCheck | undefined;
}

interface RedisProbeParts extends Question {
  readonly servers: readonly RedisServer[];
}

class RedisProbe implements OpenProbe {
  readonly asks = 'target';
  private readonly servers: Servers<RedisServer, RedisSession>;

  constructor(private readonly parts: RedisProbeParts) {
    this.servers = new Servers(parts.servers, ({address, tls}, signal) => openSession(address, tls, signal));
  }

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    const up = this.parts.wanted.measure === 'up';
    try {
      return [await this.servers.ask(session => this.ask(session), signal)];
    } catch (error) {
      if (signal.aborted && !(up && isTimeUp(signal))) throw signal.reason;
      return [up ? {value: 0} : this.unanswered(error)];
    } finally {
      // Whether it is up for somebody new is asked anew each time.
      if (up) this.servers.leave()?.cut();
    }
  }

  close(): Promise<void> {
    this.servers.leave()?.cut();
    return Promise.resolve();
  }

  private async ask(session: RedisSession): Promise<Reading> {
    const {wanted, scrub} = this.parts;
    const role = wanted.ask === 'any' ? 'any' : await roleOf(session);
    if (role !== wanted.ask) throw new AnotherRole(role);
    try {
      return await askFor(session, this.parts);
    } catch (error) {
      if (error instanceof RedisRefusal && isAskedWrongly(error)) return failed(error, scrub);
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
