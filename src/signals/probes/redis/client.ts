import {excerpt} from '../../../system/secrets.js';
import type {ProbeContext} from '../../contract.js';
import {noValue, type NoValue} from '../../missing.js';
import {describeFailure} from '../../network/failure.js';
import {AnotherRole, NoneAnswered, noneOf, Servers} from '../../network/servers.js';
import type {RedisAddress} from '../../stores/redis/address.js';
import {redisReason} from '../../stores/redis/reasons.js';
import {roleOf, type WantedRole} from '../../stores/redis/role.js';
import {openRedisServers, type RedisPlace} from '../../stores/redis/servers.js';
import {NotRedis, RedisRefusal, type RedisSession} from '../../stores/redis/session.js';

const LONGEST_MESSAGE = 200;

/** Asks whichever of the servers has the role that is wanted, over a connection that is kept. */
export class RedisClient {
  constructor(
    private readonly servers: Servers<RedisAddress, RedisSession>,
    private readonly wanted: WantedRole,
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
    if (error instanceof NotRedis)
      return noValue(redisReason(error), 'expected an answer of a Redis server; got something else');
    if (!(error instanceof RedisRefusal)) return noValue(redisReason(error), describeFailure(error));
    const why = `the server: ${excerpt(error.message, LONGEST_MESSAGE, this.scrub)}`;
    return noValue(isAskedWrongly(error) ? 'question' : redisReason(error), why);
  }
}

/** Login, permission, the kind of key or the command itself is refused: that is no failure of the server. */
function isAskedWrongly({code, message}: RedisRefusal): boolean {
  if (code === 'ERR') return !/max number of clients/i.test(message);
  return ['NOAUTH', 'WRONGPASS', 'NOPERM', 'WRONGTYPE', 'DENIED', 'MOVED', 'ASK'].includes(code);
}

/** @throws FiredrillError PROBE_UNUSABLE when a URL is none of Redis. */
export async function openRedisClient(
  {ask, ...place}: RedisPlace & {readonly ask: WantedRole},
  {reveal}: Pick<ProbeContext, 'reveal'>,
): Promise<RedisClient> {
  const {addresses, connect, scrub} = await openRedisServers(place, reveal);
  return new RedisClient(new Servers(addresses, connect), ask, scrub);
}
