import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {stat as fileStat} from 'node:fs/promises';
import {uptime} from 'node:os';
import {join, resolve} from 'node:path';
import type {JsonObject} from '../../../quantities/json.js';
import {bootId} from '../../../system/clock.js';
import {
  hasEnded,
  identityOf,
  isAlive,
  listeners,
  startedWithAny,
  statOf,
  type ProcessIdentity,
} from '../../../system/processes.js';

/** How Firedrill starts a process. Texts may hold `${secret:…}` references: they are resolved when it is started. */
export interface Launch {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ready?: {readonly tcp: number} | {readonly http: string};
  readonly readyWithinMs: number;
}

/** The incarnation of a target that Firedrill has not started yet. */
export const NOT_STARTED = 'not started';
const MARK = 'FIREDRILL_PROCESS';
const TICKS_PER_SECOND = 100;
/** How much later than its pid file a process may have started and still be the one the file means, ms. */
const PID_FILE_SLACK_MS = 2_000;

export function incarnationOf(who: ProcessIdentity): string {
  return `${who.pid}:${who.startTicks}:${who.boot}`;
}

/** The process that an incarnation names; undefined for one that is not started. */
export function identityFrom(incarnation: string): ProcessIdentity | undefined {
  const found = /^(\d+):(.*):([^:]+)$/.exec(incarnation);
  const [, pid, startTicks, boot] = found ?? [];
  if (pid === undefined || startTicks === undefined || boot === undefined) return undefined;
  return {pid: Number(pid), startTicks, boot};
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

/** The pid file of a process that Firedrill starts: by its command, so that every run and `recover` name it alike. */
export function ownPidFile(launch: Launch, stateDir: string): string {
  const {argv, cwd, environment} = launch;
  const entries = Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1));
  return join(stateDir, 'processes', `${hashOf(JSON.stringify([argv, resolve(cwd ?? '.'), entries]))}.pid`);
}

/** Whether Firedrill starts this object itself: its pid file is ours. */
export function isOwn(object: string, stateDir: string): boolean {
  return object.startsWith(`pidfile:${join(stateDir, 'processes')}/`);
}

/**
 * The environment entry that marks a process that Firedrill started, and all its children, as belonging to this object.
 */
export function token(object: string): {readonly name: string; readonly value: string} {
  return {name: MARK, value: hashOf(object)};
}

let look: ReturnType<typeof startedWithAny> | undefined;

/** All marked processes: one look, which is hundreds of reads, for all who ask in the same turn of the event loop. */
function markedNow() {
  if (look === undefined) {
    look = startedWithAny(MARK);
    setImmediate(() => (look = undefined));
  }
  return look;
}

/**
 * All living processes that were started for this object, children included. `own`: Firedrill's own pid file is behind
 * it, which names a program that has overwritten its environment with its title (Redis, PostgreSQL), too.
 */
export async function startedFor(
  object: string,
  own: boolean,
  marked = startedWithAny(MARK),
): Promise<readonly ProcessIdentity[]> {
  const {value} = token(object);
  const leader = own ? await fromPidFile(object.slice('pidfile:'.length)) : undefined;
  const found: ProcessIdentity[] = leader === undefined ? [] : [leader];
  for (const [pid, mark] of await marked) {
    if (pid === leader?.pid || mark !== value) continue;
    const who = await identityOf(pid);
    if (who !== undefined) found.push(who);
  }
  return found;
}

function readPidFile(
  path: string,
): {readonly pid: number; readonly startTicks?: string; readonly boot?: string} | undefined {
  try {
    const [pid, startTicks, boot] = readFileSync(path, 'utf8').trim().split('\n');
    const number = Number(pid);
    if (!Number.isInteger(number) || number < 1) return undefined;
    return {pid: number, ...(startTicks === undefined || boot === undefined ? {} : {startTicks, boot})};
  } catch {
    return undefined;
  }
}

/** When a process of this boot started, ms since the epoch; coarse. */
function startedAt(startTicks: string): number {
  return Date.now() - (uptime() - Number(startTicks) / TICKS_PER_SECOND) * 1000;
}

/**
 * The living process that a pid file names. A process that started long after the file was written got a recycled pid.
 */
async function fromPidFile(path: string): Promise<ProcessIdentity | undefined> {
  const named = readPidFile(path);
  if (named === undefined) return undefined;
  const who = await identityOf(named.pid);
  if (who === undefined) return undefined;
  if (named.startTicks !== undefined)
    return named.startTicks === who.startTicks && named.boot === bootId() ? who : undefined;
  const written = await fileStat(path).catch(() => undefined);
  if (written === undefined) return undefined;
  const ticks = startedAt(who.startTicks);
  return Number.isFinite(ticks) && ticks > written.mtimeMs + PID_FILE_SLACK_MS ? undefined : who;
}

/** The processes that listen on a port and whose parent does not: a master, not its workers. */
export async function portOwners(port: number): Promise<readonly ProcessIdentity[]> {
  const pids = await listeners(port);
  const found = await Promise.all(
    pids.map(async pid => {
      const stat = await statOf(pid);
      if (stat === undefined || hasEnded(stat) || pids.includes(stat.parent)) return [];
      return [{pid, startTicks: stat.startTicks, boot: bootId()}];
    }),
  );
  return found.flat();
}

/** The living process that an object means now, whatever its incarnation; undefined when it does not run. */
export async function locate(object: string, own: boolean): Promise<ProcessIdentity | undefined> {
  const colon = object.indexOf(':');
  const [kind, rest] = [object.slice(0, colon), object.slice(colon + 1)];
  switch (kind) {
    case 'pidfile':
      // Killed between start and pid file: the process is still recognised by its token.
      return (await fromPidFile(rest)) ?? (own ? (await startedFor(object, own, markedNow()))[0] : undefined);
    case 'port':
      return (await portOwners(Number(rest)))[0];
    case 'pid': {
      const who = identityFrom(`${rest}:${bootId()}`);
      return who !== undefined && (await isAlive(who)) ? who : undefined;
    }
    default:
      return undefined;
  }
}

/** What the driver keeps in its address: how to start the process again, and whether a supervisor does. */
export function addressOf(selector: JsonObject): JsonObject {
  const {start, supervised, cwd, environment, ready, readyWithinMs} = selector;
  return {
    ...(start === undefined
      ? {}
      : {
          launch: {
            argv: start,
            ...(cwd === undefined ? {} : {cwd}),
            environment: environment ?? {},
            ...(ready === undefined ? {} : {ready}),
            readyWithinMs: readyWithinMs ?? 15_000,
          },
        }),
    ...(supervised === true ? {supervised: true} : {}),
  };
}

/** Our own words, read back from an address or from an operation's arguments. */
export function launchFrom(from: JsonObject): Launch | undefined {
  const launch = from['launch'];
  return launch === undefined ? undefined : (launch as unknown as Launch);
}
