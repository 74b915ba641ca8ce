import {spawn} from 'node:child_process';
import {Agent, get} from 'node:http';
import {Agent as SecureAgent, get as getSecurely} from 'node:https';
import {open, readdir, readFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {makeFolder} from '../../../system/files.js';
import {dial} from '../../../system/dial.js';
import {dialing} from '../../../system/dialing-agent.js';
import {describeError} from '../../../system/error.js';
import {identityOf, signalExactly, waitForEnd, type ProcessIdentity} from '../../../system/processes.js';
import {revealUrl} from '../../../system/secrets.js';
import type {Ambient} from '../../contract.js';
import {hashOf, writeDurably} from '../local-marks.js';
import {locate, startedFor, token, type Launch} from './objects.js';

/** First and longest pause between two looks. */
const [FIRST_POLL_MS, POLL_MS] = [5, 50];
/** A process that ends this soon after its start did not start. */
const SURVIVES_MS = 100;
const LOG_TAIL = 600;
const CHUNK = 1 << 20;
/** A secret that lies across the end of a chunk is whole in one of both. */
const OVERLAP = 1 << 16;
const CONNECT_MS = 1_000;

export type Started = {readonly state: 'ready'} | {readonly state: 'not ready' | 'not started'; readonly why: string};

export interface ProcessStart {
  readonly object: string;
  readonly launch: Launch;
  /** Firedrill's own pid file is behind the object (it starts the process itself, rather than again). */
  readonly own: boolean;
  readonly ambient: Ambient;
}

/**
 * Starts the process detached, in a session of its own with its output in a log file, and waits until it is ready. It
 * outlives this process. `budgetMs` bounds the wait, not the process.
 */
export async function launchProcess({object, launch, own, ambient}: ProcessStart, budgetMs: number): Promise<Started> {
  const logPath = join(ambient.scratch, `${basename(launch.argv[0] ?? 'process')}${logEnding(object)}`);
  const spawned = await spawnDetached({object, launch, own, ambient}, logPath);
  if (typeof spawned === 'string') return {state: 'not started', why: spawned};
  const who = await identityOf(spawned);
  if (own && who !== undefined) await writePidFile(object, who);
  const why = await awaitReady({object, launch, own, ambient}, Math.min(budgetMs, launch.readyWithinMs));
  await maskLog(logPath, ambient);
  if (why === undefined) return {state: 'ready'};
  return {state: 'not ready', why: `${why}${await tail(logPath, ambient)}`};
}

const logEnding = (object: string) => `-${hashOf(object).slice(0, 8)}.log`;

/** Takes the secrets that a started process has printed out of its log. */
export async function maskLogOf(object: string, ambient: Ambient): Promise<void> {
  const names = await readdir(ambient.scratch).catch(() => []);
  const own = names.filter(name => name.endsWith(logEnding(object)));
  await Promise.all(own.map(name => maskLog(join(ambient.scratch, name), ambient)));
}

/** The file that a started process writes to; undefined while it has not been started. */
export async function logPathOf(object: string, {scratch}: Ambient): Promise<string | undefined> {
  const names = await readdir(scratch).catch(() => []);
  const own = names.find(name => name.endsWith(logEnding(object)));
  return own === undefined ? undefined : join(scratch, own);
}

/** In place and by as many bytes: the process may go on writing behind them. */
async function maskLog(path: string, {mask}: Ambient): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const bytes = Buffer.alloc(CHUNK + OVERLAP);
    for (let at = 0; ; at += CHUNK) {
      const {bytesRead} = await file.read(bytes, 0, bytes.length, at);
      const part = bytes.subarray(0, bytesRead);
      if (mask(part)) await file.write(part, 0, bytesRead, at);
      if (bytesRead < bytes.length) return;
    }
  } finally {
    await file.close();
  }
}

/** The new pid, or why there is none. */
async function spawnDetached({object, launch, ambient}: ProcessStart, logPath: string): Promise<number | string> {
  const {name, value} = token(object);
  await makeFolder(dirname(logPath));
  const log = await open(logPath, 'a', 0o600);
  try {
    const [program = '', ...rest] = launch.argv.map(ambient.reveal);
    const given = Object.entries(launch.environment).map(([key, text]) => [key, ambient.reveal(text)]);
    const child = spawn(program, rest, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...(launch.cwd === undefined ? {} : {cwd: ambient.reveal(launch.cwd)}),
      env: {...ambient.environment, ...(Object.fromEntries(given) as Record<string, string>), [name]: value},
    });
    return await new Promise<number | string>(resolve => {
      child.once('error', error => {
        resolve(`\`${launch.argv.join(' ')}\` could not be started: ${error.message}`);
      });
      child.once('spawn', () => {
        child.unref();
        resolve(child.pid ?? 'it has no pid');
      });
    });
  } catch (error) {
    return `\`${launch.argv.join(' ')}\` could not be started: ${describeError(error)}`;
  } finally {
    await log.close();
  }
}

async function writePidFile(object: string, who: ProcessIdentity): Promise<void> {
  const path = object.slice(object.indexOf(':') + 1);
  await makeFolder(dirname(path));
  await writeDurably(path, `${who.pid}\n${who.startTicks}\n${who.boot}\n`);
}

/** Why the process is not ready in time; undefined when it is. */
async function awaitReady({object, launch, own, ambient}: ProcessStart, budgetMs: number): Promise<string | undefined> {
  const command = `\`${launch.argv.join(' ')}\``;
  const begun = performance.now();
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(2 * pollMs, POLL_MS)) {
    const alive = (await locate(object, own)) !== undefined;
    const waited = performance.now() - begun;
    if (own && !alive) return `${command} ended right after its start`;
    if (alive && launch.ready === undefined && waited >= SURVIVES_MS) return undefined;
    if (alive && launch.ready !== undefined && (await answers(launch.ready, ambient))) return undefined;
    if (waited >= budgetMs) {
      const what = alive ? 'was not ready' : `did not bring \`${object}\` up`;
      return `${command} ${what} within ${Math.round(budgetMs)} ms`;
    }
    // Whoever has nothing to ask waits for the rest, and no longer.
    await delay(launch.ready === undefined ? Math.max(1, Math.min(POLL_MS, SURVIVES_MS - waited)) : pollMs);
  }
}

function answers(ready: NonNullable<Launch['ready']>, ambient: Ambient): Promise<boolean> {
  return 'tcp' in ready ? accepts(ready.tcp) : responds(revealUrl(ready.http, ambient.reveal));
}

async function accepts(port: number): Promise<boolean> {
  try {
    const socket = await dial({host: 'localhost', port}, {signal: AbortSignal.timeout(CONNECT_MS)});
    socket.destroy();
    return true;
  } catch {
    return false;
  }
}

function responds(url: string): Promise<boolean> {
  return new Promise(resolve => {
    const secure = url.startsWith('https:');
    const agent = dialing(secure ? new SecureAgent() : new Agent());
    const request = (secure ? getSecurely : get)(url, {agent}, response => {
      response.destroy();
      resolve((response.statusCode ?? 500) < 400);
    });
    const limit = setTimeout(() => request.destroy(), CONNECT_MS);
    request.once('error', () => resolve(false));
    request.once('close', () => {
      clearTimeout(limit);
      agent.destroy();
    });
  });
}

async function tail(logPath: string, ambient: Ambient): Promise<string> {
  const text = ambient.redact((await readFile(logPath, 'utf8').catch(() => '')).trim());
  return text === '' ? ` (no output in ${logPath})` : `; the end of ${logPath}: ${text.slice(-LOG_TAIL)}`;
}

/** SIGTERM, then SIGKILL after the grace; answers whether it has ended. Both within the budget (ms). */
export async function stopProcess(who: ProcessIdentity, graceMs: number, budgetMs: number): Promise<boolean> {
  const deadline = performance.now() + budgetMs;
  await signalExactly(who, 'SIGTERM');
  // A frozen process takes a SIGTERM only when it goes on.
  await signalExactly(who, 'SIGCONT');
  if (await waitForEnd(who, Math.min(graceMs, budgetMs * 0.8))) return true;
  await signalExactly(who, 'SIGKILL');
  return waitForEnd(who, Math.max(0, deadline - performance.now()));
}

/** Ends everything that was started for this object, children that left its group included. */
export async function stopStarted(
  {object, own}: Pick<ProcessStart, 'object' | 'own'>,
  graceMs: number,
  budgetMs: number,
): Promise<boolean> {
  const deadline = performance.now() + budgetMs;
  const left = () => Math.max(0, deadline - performance.now());
  for (;;) {
    const all = await startedFor(object, own);
    if (all.length === 0) return true;
    if (left() === 0) return false;
    await Promise.all(all.map(who => stopProcess(who, graceMs, left())));
  }
}
