import {AnotherRole} from '../../network/servers.js';
import type {WantedStanding} from './address.js';
import {ask, type SqlSession} from './session.js';

/** Asked each time: a server that is promoted keeps its connections. */
const STANDING = `select case when pg_is_in_recovery() then 'standby'
  when current_setting('default_transaction_read_only') = 'on' then 'read-only primary' else 'primary' end`;

/** `prefer-standby` is `standby` first and then `any`. */
export type Standing = Exclude<WantedStanding, 'prefer-standby'>;

const ACCEPTED: Readonly<Record<Exclude<Standing, 'any'>, readonly string[]>> = {
  'read-write': ['primary'],
  'read-only': ['standby', 'read-only primary'],
  primary: ['primary', 'read-only primary'],
  standby: ['standby'],
};

/** Rejects where the server is not what is wanted, as libpq has it. */
export async function expectStanding(session: SqlSession, wanted: keyof typeof ACCEPTED): Promise<void> {
  const {first} = await ask(session, STANDING);
  if (!ACCEPTED[wanted].includes(first ?? '')) throw new AnotherRole(first ?? 'nothing');
}
