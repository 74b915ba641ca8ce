import {FiredrillError} from '../../../system/error.js';
import {dial} from '../../../system/dial.js';
import {firstToAnswer, NoneAnswered} from '../../network/servers.js';
import type {DatabaseAddress} from '../../stores/sql/address.js';
import {isRefusal, sqlReason} from '../../stores/sql/reasons.js';
import {openSqlServers, placeOf, type SqlServers} from '../../stores/sql/servers.js';
import type {SqlConnection} from '../../stores/sql/session.js';
import {expectStanding, type Standing} from '../../stores/sql/standing.js';
import {codeOf} from '../../network/failure.js';
import type {LoadSender, RequestParts} from '../requests.js';
import type {SqlRequestSpec} from '../spec.js';
import {filled, type TextOf} from '../user.js';
import {Pool} from './pool.js';
import {storeSender} from './sender.js';
import {parseStatement, type StatementPart} from './statement.js';

/** How long the order to give a statement up may take to get there, ms. */
const CANCEL_MS = 1000;

/** The server takes no writes: who was the primary no longer is. PostgreSQL, MySQL, MariaDB. */
const READ_ONLY = new Set(['25006', 'ER_OPTION_PREVENTS_STATEMENT', 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION']);

/** A statement of a load, ready to be sent. @throws FiredrillError when it cannot be sent as it is written. */
export async function sqlSender(sql: SqlRequestSpec, parts: RequestParts): Promise<LoadSender> {
  const {reveal, values, timeoutMs} = parts;
  const place = {...sql, query: '', statementTimeout: timeoutMs, readOnly: false};
  const servers = await openSqlServers(place, reveal);
  const {text, values: bound} = statementOf(sql.query, servers.dialect, parts);
  const pool = new Pool<SqlConnection>({
    most: sql.connections,
    connect: signal => connectTo(servers, signal),
    abandon: connection => giveUp(connection),
    leave: connection => connection.leave(),
    spoils: error => !isRefusal(error) || READ_ONLY.has(codeOf(error)),
  });
  return storeSender({
    pool,
    ask: async ({session}, user) =>
      (await session.run(
        text,
        bound.map(value => value(user)),
      )) ?? undefined,
    reasonOf: sqlReason,
    id: sql.id,
    values,
  });
}

function statementOf(
  query: string,
  dialect: DatabaseAddress['dialect'],
  {reveal, values}: RequestParts,
): {readonly text: string; readonly values: readonly TextOf[]} {
  const parts = parseStatement(query);
  if ('expected' in parts) throw new FiredrillError('PROBE_UNUSABLE', `In a statement of a load ${parts.expected}.`);
  const bound = parts.flatMap(part => (typeof part === 'string' ? [] : [part.bound]));
  let number = 0;
  const sql = (part: StatementPart) => {
    if (typeof part === 'string') return reveal(part);
    number++;
    return dialect === 'postgres' ? `$${number}` : '?';
  };
  return {
    text: parts.map(sql).join(''),
    values: bound.map(pieces =>
      filled(
        pieces.map(piece => (typeof piece === 'string' ? reveal(piece) : {placeholder: piece, place: 'parameter'})),
        values,
      ),
    ),
  };
}

/** To the first of the servers that is what is wanted. Rejects with `NoneAnswered` or the signal's reason. */
async function connectTo(servers: SqlServers, signal: AbortSignal): Promise<SqlConnection> {
  const {wanted} = servers;
  if (wanted !== 'prefer-standby') return firstThatIs(wanted, servers, signal);
  return firstThatIs('standby', servers, signal).catch((error: unknown) => {
    if (error instanceof NoneAnswered) return firstThatIs('any', servers, signal);
    throw error;
  });
}

function firstThatIs(
  standing: Standing,
  {addresses, connect}: SqlServers,
  signal: AbortSignal,
): Promise<SqlConnection> {
  const asked = addresses.map(address => async (cut: AbortSignal) => {
    const connection = await connect(address, cut);
    try {
      if (standing !== 'any') await expectStanding(connection.session, standing);
      return connection;
    } catch (error) {
      connection.cut();
      throw error;
    }
  });
  return firstToAnswer(asked, signal);
}

/** Nobody waits for the statement any more: it must not pile up on the server with others. */
function giveUp(connection: SqlConnection): void {
  const {cancelling} = connection.session;
  connection.cut();
  if (cancelling === undefined) return;
  const signal = AbortSignal.timeout(CANCEL_MS);
  dial(placeOf(connection.address), {signal}).then(
    socket => {
      signal.addEventListener('abort', () => socket.destroy(), {once: true});
      socket.resume().end(cancelling);
    },
    () => undefined,
  );
}
