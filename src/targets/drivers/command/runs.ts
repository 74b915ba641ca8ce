import {spawn, type ChildProcess} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {readFile, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {makeFolder} from '../../../system/files.js';
import {endOf, killGroup} from '../../../system/commands.js';
import {describeError} from '../../../system/error.js';
import {allPids, identityOf, killAndWait, startedWith} from '../../../system/processes.js';
import type {Ambient, AuthorCommand} from '../../contract.js';
import {hashOf, writeDurably} from '../local-marks.js';

const MOST_OUTPUT = 4_096;
const TOKEN = 'FIREDRILL_COMMAND';

/** How a command ended: its exit code, or why there is none. `unsent`: it is a request that nobody got. */
export type ActionEnd =
  | {readonly exit: number; readonly output: string}
  | {readonly exit: null; readonly why: string; readonly unsent?: true};

export interface ActionRun {
  readonly command: AuthorCommand;
  /** What its processes are recognised by, also when whoever ran them is gone. */
  readonly mark: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly ambient: Ambient;
}

/**
 * Runs an author's command in a session of its own and waits for its end. After its time-out, or after `budgetMs` or an
 * abort, it is killed with everything it started.
 */
export async function runCommand(
  {command, mark, variables, ambient}: ActionRun,
  budgetMs: number,
  signal?: AbortSignal,
): Promise<ActionEnd> {
  const limitMs = Math.min(command.timeoutMs, budgetMs);
  try {
    const {reveal, redact} = ambient;
    const [first = '', ...rest] = command.run.map(reveal);
    const [program, args] = command.shell ? ['/bin/sh', ['-c', first]] : [first, rest];
    const given = Object.entries(command.environment).map(([name, text]) => [name, reveal(text)]);
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(command.cwd === undefined ? {} : {cwd: reveal(command.cwd)}),
      env: {
        ...ambient.environment,
        ...(Object.fromEntries(given) as Record<string, string>),
        ...variables,
        [TOKEN]: mark,
      },
    });
    const limit = command.timeoutMs <= budgetMs ? 'its `timeout`' : 'all the time that was left for it';
    return await ending(child, {limitMs, limit, token: `${TOKEN}=${mark}`, signal, redact});
  } catch (error) {
    return {exit: null, why: `it could not be started: ${describeError(error)}`};
  }
}

interface CommandLimits {
  readonly limitMs: number;
  /** What sets it, in words. */
  readonly limit: string;
  readonly token: string;
  readonly signal: AbortSignal | undefined;
  readonly redact: (text: string) => string;
}

async function ending(child: ChildProcess, {limitMs, limit, token, signal, redact}: CommandLimits): Promise<ActionEnd> {
  let output = '';
  let killed: string | undefined;
  const collect = (part: Buffer) => {
    // What is cut off here stands far before the end that is shown: no part of a secret is left there.
    output = (output + part.toString('utf8')).slice(-2 * MOST_OUTPUT);
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const kill = (why: string) => {
    killed ??= why;
    // It has not ended, so the pid, and with it the group, is still its own.
    killGroup(child);
    void endMarked(token);
  };
  const abort = () => {
    kill('it was aborted');
  };
  const timer = setTimeout(() => {
    kill(`it did not end within ${Math.round(limitMs)} ms (${limit})`);
  }, limitMs);
  if (signal?.aborted === true) abort();
  else signal?.addEventListener('abort', abort, {once: true});
  try {
    const ended = await endOf(child);
    const end = redact(output).slice(-MOST_OUTPUT);
    if (killed !== undefined) return {exit: null, why: `${killed}${said(end)}`};
    if (ended.code === null) return {exit: null, why: `it was ended by ${ended.signal ?? 'a signal'}${said(end)}`};
    return {exit: ended.code, output: end.trim()};
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function said(output: string): string {
  return output.trim() === '' ? '' : `; its output: ${output.trim()}`;
}

/**
 * Kills every process that was started with this token. Those that an author's command leaves behind on purpose have it
 * too.
 */
async function endMarked(token: string): Promise<void> {
  for (const pid of await allPids()) {
    const who = (await startedWith(pid, token)) ? await identityOf(pid) : undefined;
    if (who !== undefined) await killAndWait(who, 1_000);
  }
}

/** The mark of the breaking command of an object: there is at most one at a time. */
export function doMark(object: string): string {
  return hashOf(`do\n${object}`);
}

/** The mark of any other command: of this one run of it only. */
export function ownMark(): string {
  return randomBytes(16).toString('hex');
}

/** Ends a breaking command that an earlier process left running: an undo must not race with its own `do`. */
export function endLeftOver(object: string): Promise<void> {
  return endMarked(`${TOKEN}=${doMark(object)}`);
}

/** How far an author's commands got; written before and after each, so that a fresh process knows. */
export interface ActionProgress {
  readonly phase: 'doing' | 'done' | 'undone';
  readonly exit?: number | null;
}

const progressPath = (object: string, ambient: Ambient) =>
  join(ambient.stateDir, 'commands', `${hashOf(object).slice(0, 32)}.json`);

export async function writeProgress(object: string, ambient: Ambient, progress: ActionProgress): Promise<void> {
  const path = progressPath(object, ambient);
  await makeFolder(dirname(path));
  await writeDurably(path, JSON.stringify(progress));
}

/** Undefined when `do` never began. */
export async function readProgress(object: string, ambient: Ambient): Promise<ActionProgress | undefined> {
  try {
    return JSON.parse(await readFile(progressPath(object, ambient), 'utf8')) as ActionProgress;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function forgetProgress(object: string, ambient: Ambient): Promise<void> {
  await rm(progressPath(object, ambient), {force: true});
}
