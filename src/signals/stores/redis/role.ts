import type {RedisSession, Reply} from './session.js';

export type RedisRole = 'primary' | 'replica' | 'other';

/** Whom to ask, where there are several servers. */
export type WantedRole = 'any' | 'primary' | 'replica';

export async function roleOf(session: RedisSession): Promise<RedisRole> {
  const reply = await session.ask('ROLE');
  const role = Array.isArray(reply) ? (reply as readonly Reply[])[0] : undefined;
  if (role === 'master') return 'primary';
  return role === 'slave' ? 'replica' : 'other';
}
