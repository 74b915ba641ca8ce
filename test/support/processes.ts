import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {identityOf, killAndWait, statOf, type ProcessIdentity} from '../../src/system/processes.js';
import {openSecrets} from '../../src/system/secrets.js';
import type {Ambient} from '../../src/targets/contract.js';

/** A small HTTP server that answers its own pid; small enough to start in a blink. */
export function serverScript(port: number): string {
  return `require('http').createServer((q,s)=>s.end(String(process.pid))).listen(${port},'127.0.0.1')`;
}

export function serverCommand(port: number): string[] {
  return [process.execPath, '-e', serverScript(port)];
}

/**
 * Below the ports that the system gives to connections and to listeners without one of their own: nobody gets it by
 * chance before it is used.
 */
const [FIRST_PORT, PORTS] = [20_000, 12_000];
let tried = (process.pid * 97) % PORTS;

/** A port on which nothing listens; another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + (tried++ % PORTS);
    const server = createServer();
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise<void>(resolve => server.close(() => resolve()));
    if (isFree) return port;
  }
}

/** The pid that answers on the port; undefined when nothing answers within the time. */
export async function answeringPid(port: number, withinMs = 2_000): Promise<number | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      signal: AbortSignal.timeout(withinMs),
      headers: {connection: 'close'},
    });
    return Number(await answer.text());
  } catch {
    return undefined;
  }
}

export async function until(what: string, holds: () => Promise<boolean> | boolean, withinMs = 30_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(10);
  }
}

/**
 * The first look that shows what is waited for; where none does within the time, the last one, for the test to judge.
 */
export async function eventually<T>(
  look: () => Promise<T>,
  isThere: (seen: T) => boolean,
  withinMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isThere(seen) || performance.now() > deadline) return seen;
    await delay(50);
  }
}

/** Whether something answers on the port: one that was just started needs a while on a busy machine. */
export async function answersSoon(port: number): Promise<boolean> {
  return (
    (await eventually(
      () => answeringPid(port),
      pid => pid !== undefined,
      30_000,
    )) !== undefined
  );
}

/** A foreign process: its parent ends at once, so it is nobody's child and no zombie of ours when it dies. */
export async function startForeign(
  argv: readonly string[],
  environment: Record<string, string> = {},
): Promise<ProcessIdentity> {
  const script = '"$@" </dev/null >/dev/null 2>&1 & echo $!';
  const env = {...process.env, ...environment};
  const pid = Number(execFileSync('setsid', ['sh', '-c', script, 'sh', ...argv], {env, encoding: 'utf8'}));
  const who = await identityOf(pid);
  if (who === undefined) throw new Error(`pid ${pid} ended at once: ${argv.join(' ')}`);
  return who;
}

/** Continues and kills exactly these processes. */
export async function endAll(processes: readonly (ProcessIdentity | undefined)[]): Promise<void> {
  for (const who of processes) if (who !== undefined) await killAndWait(who, 5_000);
}

export type ToldState = 'runs' | 'stopped' | 'dead' | 'none';

/** Of the letters that `ps` shows. One that sleeps may be looked at while it wakes: for a test both of them run. */
export function toldState(letters: string | undefined): ToldState {
  if (letters === undefined) return 'none';
  return ({T: 'stopped', Z: 'dead'}[letters.charAt(0)] as ToldState | undefined) ?? 'runs';
}

export async function stateOf(pid: number): Promise<ToldState> {
  return toldState((await statOf(pid))?.state);
}

/** A state and a scratch folder of one test. */
export function freshAmbient(): Ambient & {readonly folder: string; dispose(): void} {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-process-'));
  return {
    folder,
    environment: process.env,
    scratch: join(folder, 'scratch'),
    stateDir: join(folder, 'state'),
    ...openSecrets({TEST_SECRET: 'hunter2'}),
    dispose: () => rmSync(folder, {recursive: true, force: true}),
  };
}

export function writePid(path: string, who: ProcessIdentity): void {
  writeFileSync(path, `${who.pid}\n`);
}
