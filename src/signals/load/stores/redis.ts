import {AnotherRole, firstToAnswer} from '../../network/servers.js';
import {redisReason} from '../../stores/redis/reasons.js';
import {roleOf, type WantedRole} from '../../stores/redis/role.js';
import {openRedisServers, type RedisServers} from '../../stores/redis/servers.js';
import {RedisRefusal, textOf, type RedisSession} from '../../stores/redis/session.js';
import {splitPlaceholders} from '../placeholder.js';
import type {LoadSender, RequestParts} from '../requests.js';
import type {RedisRequestSpec} from '../spec.js';
import {filled} from '../user.js';
import {Pool} from './pool.js';
import {storeSender} from './sender.js';

/** After these a server is no longer what it was taken for, or of no use for now. */
const SPOILING = new Set(['READONLY', 'LOADING', 'MASTERDOWN', 'NOAUTH']);

/** A command of a load, ready to be sent. @throws FiredrillError when it cannot be sent as it is written. */
export async function redisSender(
  {command, ask, id, connections, ...place}: RedisRequestSpec,
  {reveal, values}: RequestParts,
): Promise<LoadSender> {
  const servers = await openRedisServers({...place, asked: []}, reveal);
  const words = command.map(word =>
    filled(
      splitPlaceholders(word).map(part =>
        typeof part === 'string' ? reveal(part) : {placeholder: part, place: 'text'},
      ),
      values,
    ),
  );
  const pool = new Pool<RedisSession>({
    most: connections,
    connect: signal => connectTo(servers, ask, signal),
    abandon: session => session.cut(),
    leave: session => {
      session.cut();
      return Promise.resolve();
    },
    spoils: error => !(error instanceof RedisRefusal) || SPOILING.has(error.code),
  });
  return storeSender({
    pool,
    ask: async (session, user) => {
      const reply = await session.ask(...words.map(word => word(user)));
      return reply === null ? undefined : textOf(reply);
    },
    reasonOf: redisReason,
    id,
    values,
  });
}

/** To the first of the servers that has the role. Rejects with `NoneAnswered` or the signal's reason. */
function connectTo({addresses, connect}: RedisServers, wanted: WantedRole, signal: AbortSignal): Promise<RedisSession> {
  const asked = addresses.map(address => async (cut: AbortSignal) => {
    const session = await connect(address, cut);
    try {
      const role = wanted === 'any' ? 'any' : await roleOf(session);
      if (role !== wanted) throw new AnotherRole(role);
      return session;
    } catch (error) {
      session.cut();
      throw error;
    }
  });
  return firstToAnswer(asked, signal);
}
