import type {Reason} from '../../missing.js';
import {reasonOf} from '../../network/failure.js';
import {AnotherRole} from '../../network/servers.js';
import {NotRedis, RedisRefusal} from './session.js';

/** How a question to Redis failed: what the server said by its code, or what the network did. */
export function redisReason(error: unknown): Reason {
  if (error instanceof AnotherRole) return 'role';
  if (error instanceof NotRedis) return 'answer';
  if (!(error instanceof RedisRefusal)) return reasonOf(error);
  return error.code === '' ? 'database' : `database-${error.code}`;
}
