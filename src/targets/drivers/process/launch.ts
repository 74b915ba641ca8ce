import {spawn} from 'node:child_process';
import {get} from 'node:http';
import {get as getSecurely} from 'node:https';
import {connect} from 'node:net';
import {mkdir, open, readFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {describeError} from '../../../system/error.js';
import {identityOf, signalExactly, waitForEnd, type ProcessIdentity} from '../../../system/processes.js';
import type {Ambient} from '../../contract.js';
import {hashOf, writeDurably} from '../local-marks.js';
import {locate, startedFor, token, type Launch} from './objects.js';

const POLL_MS = 50;
/** A process that ends this soon after its start did not start. */
const SURVIVES_MS = 150;
const LOG_TAIL = 600;
const CONNECT_MS = 1_000;

export type Started = {readonly state: 'ready'} | {readonly state: 'not ready' | 'not started'; readonly why: string};

export interface Start {
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
export async function launchProcess({object, launch, own, ambient}: Start, budgetMs: number): Promise<Started> {
  const logPath = join(ambient.scratch, `${basename(launch.argv[0] ?? 'process')}-${hashOf(object).slice(0, 8)}.log`);
  const spawned = await spawnDetached({object, launch, own, ambient}, logPath);
  if (typeof spawned === 'string') return {state: 'not started', why: spawned};
  const who = await identityOf(spawned);
  if (own && who !== undefined) await writePidFile(object, who);
  const why = await awaitReady({object, launch, own, ambient}, Math.min(budgetMs, launch.readyWithinMs));
  if (why === undefined) return {state: 'ready'};
  return {state: 'not ready', why: `${why}${await tail(logPath)}`};
}

/** The new pid, or why there is none. */
async function spawnDetached({object, launch, ambient}: Start, logPath: string): Promise<number | string> {
  const {name, value} = token(object);
  await mkdir(dirname(logPath), {recursive: true, mode: 0o700});
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
  await mkdir(dirname(path), {recursive: true, mode: 0o700});
  await writeDurably(path, `${who.pid}\n${who.startTicks}\n${who.boot}\n`);
}

/** Why the process is not ready in time; undefined when it is. */
async function awaitReady({object, launch, own, ambient}: Start, budgetMs: number): Promise<string | undefined> {
  const command = `\`${launch.argv.join(' ')}\``;
  const begun = performance.now();
  for (;;) {
    const alive = (await locate(object, own)) !== undefined;
    const waited = performance.now() - begun;
    if (own && !alive) return `${command} ended right after its start`;
    if (alive && launch.ready === undefined && waited >= SURVIVES_MS) return undefined;
    if (alive && launch.ready !== undefined && (await answers(launch.ready, ambient))) return undefined;
    if (waited >= budgetMs) {
      const what = alive ? 'was not ready' : `did not bring \`${object}\` up`;
      return `${command} ${what} within ${Math.round(budgetMs)} ms`;
    }
    await delay(POLL_MS);
  }
}

function answers(ready: NonNullable<Launch['ready']>, ambient: Ambient): Promise<boolean> {
  return 'tcp' in ready ? accepts(ready.tcp) : responds(ambient.reveal(ready.http));
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({port, host: 'localhost', timeout: CONNECT_MS});
    const done = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', done(true)).once('error', done(false)).once('timeout', done(false));
  });
}

function responds(url: string): Promise<boolean> {
  return new Promise(resolve => {
    const request = (url.startsWith('https:') ? getSecurely : get)(
      url,
      {timeout: CONNECT_MS, agent: false},
      response => {
        response.destroy();
        resolve((response.statusCode ?? 500) < 400);
      },
    );
    request.once('error', () => resolve(false));
    request.once('timeout', () => request.destroy());
  });
}

async function tail(logPath: string): Promise<string> {
  const text = (await readFile(logPath, 'utf8').catch(() => '')).trim();
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
export async function stopStarted(object: string, graceMs: number, budgetMs: number): Promise<boolean> {
  const deadline = performance.now() + budgetMs;
  const left = () => Math.max(0, deadline - performance.now());
  for (;;) {
    const all = await startedFor(object);
    if (all.length === 0) return true;
    if (left() === 0) return false;
    await Promise.all(all.map(who => stopProcess(who, graceMs, left())));
  }
}
