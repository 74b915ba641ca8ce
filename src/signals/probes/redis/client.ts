import {excerpt, redactionOf, revealUrl} from '../../../system/secrets.js';
import type {ProbeContext} from '../../contract.js';
import {noValue, type NoValue} from '../../missing.js';
import {certificateCheck, type CertificateCheck} from '../../network/certificates.js';
import {describeFailure, reasonOf} from '../../network/failure.js';
import {AnotherRole, NoneAnswered, noneOf, Servers} from '../../network/servers.js';
import {scrubber} from '../../scrub.js';
import {parseRedisUrl, type RedisAddress} from './address.js';
import type {Parameters} from './parameters.js';
import {roleOf} from './questions.js';
import {NotRedis, openSession, RedisRefusal, type RedisSession} from './session.js';

const LONGEST_MESSAGE = 200;

interface RedisServer {
  readonly address: RedisAddress;
  readonly tls: CertificateCheck | undefined;
}

/** Asks whichever of the servers has the role that is wanted, over a connection that is kept. */
export class RedisClient {
  constructor(
    private readonly servers: Servers<RedisServer, RedisSession>,
    private readonly wanted: Parameters['ask'],
    /** Takes the secrets out of what a server says. */
    readonly scrub: (text: string) => string,
  ) {}

  /**
   * Puts a question to one of the servers; where that one has another role, or breaks, to the next. Rejects with
   * `NoneAnswered` or the signal's reason.
   */
  ask<T>(question: (session: RedisSession) => Promise<T>, signal: AbortSignal): Promise<T | NoValue> {
    return this.servers.ask(async session => {
      const role = this.wanted === 'any' ? 'any' : await roleOf(session);
      if (role !== this.wanted) throw new AnotherRole(role);
      try {
        return await question(session);
      } catch (error) {
        if (error instanceof RedisRefusal && isAskedWrongly(error)) return this.failed(error);
        throw error;
      }
    }, signal);
  }

  /** Why nobody answered. */
  unanswered(error: unknown): NoValue {
    const errors = error instanceof NoneAnswered ? error.errors : [error];
    return noneOf(errors.map(one => this.failed(one)));
  }

  /** The next question is put over a new connection. */
  leave(): void {
    this.servers.leave()?.cut();
  }

  /** The server's own words, or fixed ones for what the network did. */
  private failed(error: unknown): NoValue {
    if (error instanceof AnotherRole) return noValue('role', `it answers as ${error.role}`);
    if (error instanceof NotRedis) return noValue('answer', 'expected an answer of a Redis server; got something else');
    if (!(error instanceof RedisRefusal)) return noValue(reasonOf(error), describeFailure(error));
    const why = `the server: ${excerpt(error.message, LONGEST_MESSAGE, this.scrub)}`;
    return noValue(isAskedWrongly(error) ? 'question' : `database-${error.code}`, why);
  }
}

/** Login, permission, the kind of key or the command itself is refused: that is no failure of the server. */
function isAskedWrongly({code, message}: RedisRefusal): boolean {
  if (code === 'ERR') return !/max number of clients/i.test(message);
  return ['NOAUTH', 'WRONGPASS', 'NOPERM', 'WRONGTYPE', 'DENIED', 'MOVED', 'ASK'].includes(code);
}

/**
 * `asked`: what of the file is told to the server.
 * @throws FiredrillError PROBE_UNUSABLE when a URL is none of Redis.
 */
export async function openRedisClient(
  {urls, tls, ask, asked}: Pick<Parameters, 'urls' | 'tls' | 'ask'> & {readonly asked: string},
  {reveal}: Pick<ProbeContext, 'reveal'>,
): Promise<RedisClient> {
  const addresses = urls.map(url => parseRedisUrl(revealUrl(url, reveal)));
  const check = await certificateCheck(tls);
  const encrypted = ({encrypted}: RedisAddress) => encrypted || tls !== undefined;
  const list = addresses.map(address => ({address, tls: encrypted(address) ? check : undefined}));
  const secrets = scrubber([...urls, asked], reveal);
  const own = redactionOf(addresses.flatMap(({password}) => password ?? []));
  const servers = new Servers(list, (server: RedisServer, signal) => openSession(server.address, server.tls, signal));
  return new RedisClient(servers, ask, text => own(secrets(text)));
}
