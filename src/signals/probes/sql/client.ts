import type {ProbeContext} from '../../contract.js';
import {noValue, type NoValue} from '../../missing.js';
import {codeOf, describeFailure, failureOf} from '../../network/failure.js';
import {AnotherRole, NoneAnswered, noneOf, Servers} from '../../network/servers.js';
import type {DatabaseAddress} from '../../stores/sql/address.js';
import {isRefusal, sqlReason} from '../../stores/sql/reasons.js';
import {openSqlServers, type SqlPlace, type SqlServers} from '../../stores/sql/servers.js';
import type {SqlConnection} from '../../stores/sql/session.js';
import {expectStanding, type Standing} from '../../stores/sql/standing.js';

const LONGEST_MESSAGE = 200;

/** Asks whichever of the servers is what is wanted, over a connection that is kept. */
export class SqlClient {
  private readonly leaving = new Set<Promise<void>>();

  constructor(
    private readonly all: SqlServers,
    private readonly servers: Servers<DatabaseAddress, SqlConnection>,
  ) {}

  get statement(): string {
    return this.all.statement;
  }

  /** Takes the secrets out of what a server says. */
  scrub(text: string): string {
    return this.all.scrub(text);
  }

  /**
   * Puts a question to one of the servers; where that one is not what is wanted, or breaks, to the next. What the
   * server refuses is the answer, unless `any` error counts as a failure of the server. Rejects with `NoneAnswered`, or
   * the signal's reason.
   */
  async ask<T>(
    question: (connection: SqlConnection) => Promise<T>,
    signal: AbortSignal,
    any = false,
  ): Promise<T | NoValue> {
    const {servers} = this;
    const {wanted} = this.all;
    const put = (standing: Standing) =>
      servers.ask(connection => this.answerOf(connection, {question, standing, any}), signal);
    if (wanted !== 'prefer-standby') return put(wanted);
    // As libpq: a stand-by where there is one, and whoever was found is stayed with.
    if (await servers.isKept()) return put('any');
    return put('standby').catch((error: unknown) => {
      if (error instanceof NoneAnswered) return put('any');
      throw error;
    });
  }

  /** Why nobody answered. */
  unanswered(error: unknown): NoValue {
    const errors = error instanceof NoneAnswered ? error.errors : [error];
    return noneOf(errors.map(one => this.failed(one)));
  }

  /** Says good-bye, without waiting for it: the next question is put over a new connection. */
  leave(): void {
    const left = this.servers.leave();
    if (left === undefined) return;
    const gone = left.leave().finally(() => this.leaving.delete(gone));
    this.leaving.add(gone);
  }

  async close(): Promise<void> {
    this.leave();
    await Promise.all(this.leaving);
  }

  /** Rejects where the next server is to be asked: this one is not what is wanted, or broke. */
  private async answerOf<T>(
    connection: SqlConnection,
    {question, standing, any}: {question: (connection: SqlConnection) => Promise<T>; standing: Standing; any: boolean},
  ): Promise<T | NoValue> {
    if (standing !== 'any') await expectStanding(connection.session, standing);
    try {
      return await question(connection);
    } catch (error) {
      if (any || connection.lost || !isRefusal(error)) throw error;
      return this.failed(error);
    }
  }

  /** What the server said; what the network did in fixed words. */
  private failed(error: unknown): NoValue {
    if (error instanceof AnotherRole) return noValue('role', `it answers as ${error.role}`);
    if (failureOf(error) !== 'other' || !(error instanceof Error))
      return noValue(sqlReason(error), describeFailure(error));
    const code = codeOf(error);
    const message = this.scrub(error.message).replaceAll(/\s+/g, ' ');
    const shown = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message;
    const why = code === '' ? `the database: ${shown}` : `the database (${code}): ${shown}`;
    return noValue(isAskedWrongly(error) ? 'question' : sqlReason(error), why);
  }
}

/**
 * Login, permission, a name or the statement itself is refused (SQLSTATE classes 28, 3D, 3F and 42): that is no failure
 * of the database.
 */
function isAskedWrongly(error: Error): boolean {
  const state = 'sqlState' in error && typeof error.sqlState === 'string' ? error.sqlState : codeOf(error);
  return /^(?:28|3D|3F|42)[0-9A-Z]{3}$/.test(state);
}

/** @throws FiredrillError PROBE_UNUSABLE when the URL is none of a database. */
export async function openSqlClient(
  place: Omit<SqlPlace, 'readOnly'>,
  {reveal}: Pick<ProbeContext, 'reveal'>,
): Promise<SqlClient> {
  const all = await openSqlServers({...place, readOnly: true}, reveal);
  return new SqlClient(all, new Servers(all.addresses, (address, signal) => all.connect(address, signal)));
}
