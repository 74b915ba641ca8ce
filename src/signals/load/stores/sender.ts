import type {Connection} from '../../network/servers.js';
import {NoneAnswered} from '../../network/servers.js';
import type {Reason} from '../../missing.js';
import {idReader} from '../../writes/id.js';
import {outcomeOfReason, type RequestOutcome} from '../outcome.js';
import {namingOf, type LoadSender} from '../requests.js';
import type {SqlRequestSpec} from '../spec.js';
import type {LoadUser, ValueSource} from '../user.js';
import type {Pool} from './pool.js';

interface StoreParts<C extends Connection> {
  readonly pool: Pool<C>;
  /** Puts the question of a user; answers with what may name a write. */
  readonly ask: (connection: C, user: LoadUser) => Promise<string | undefined>;
  readonly reasonOf: (error: unknown) => Reason;
  readonly id: SqlRequestSpec['id'];
  readonly values: ValueSource;
}

/** Sends a request of a load over the connections of a pool. */
export function storeSender<C extends Connection>({pool, ask, reasonOf, id, values}: StoreParts<C>): LoadSender {
  const idOf = id === undefined || 'sent' in id ? undefined : idReader(id);
  const outcomeOf = (error: unknown): RequestOutcome =>
    outcomeOfReason(decisive((error instanceof NoneAnswered ? error.errors : [error]).map(reasonOf)));
  return {
    ...namingOf(id, values),
    send: (ended, user) => {
      const given = new AbortController();
      const {signal} = given;
      const answered = (text: string | undefined): RequestOutcome => {
        if (idOf === undefined) return 'ok';
        user.written = idOf({text: () => text});
        return user.written === undefined ? 'check-id' : 'ok';
      };
      pool
        .use(async connection => answered(await ask(connection, user)), signal)
        .then(ended, (error: unknown) => ended(signal.aborted ? 'aborted' : outcomeOf(error)));
      return {abort: () => given.abort()};
    },
    close: () => pool.close(),
  };
}

/** Of several servers: what this machine could not do, then what happened to one that might have been the right one. */
function decisive(reasons: readonly Reason[]): Reason {
  return (
    reasons.find(reason => reason === 'unsent') ?? reasons.find(reason => reason !== 'role') ?? reasons[0] ?? 'other'
  );
}
