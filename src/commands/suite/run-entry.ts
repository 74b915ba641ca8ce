import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {constants} from 'node:os';
import type {Result} from '../../verdict/result.js';
import type {SuiteEntry} from './files.js';

/** What became of one experiment of a suite. */
export interface SuiteRun {
  readonly path: string;
  readonly title: string;
  /** `not-run`: something before it ended the suite, or its budget does not hold it; `why` says so. */
  readonly state: 'ran' | 'refused' | 'not-run';
  readonly exit: number;
  readonly attempts: number;
  readonly why: string;
  readonly result?: Result;
}

export interface EntryOptions {
  /** How `firedrill` is started: program and first arguments. */
  readonly program: readonly [string, ...string[]];
  /** What `run` is given beside the file. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where a signal to the suite is heard. */
  readonly signals: Pick<NodeJS.Process, 'on' | 'off'>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A result is some hundred kB. */
const MOST_OUTPUT = 256 * 1024 * 1024;

interface Output {
  readonly result?: Result;
  readonly why: string;
}

/** What `run --json` printed: a result, refusals, or an error. */
function read(stdout: string): Output {
  try {
    const printed = JSON.parse(stdout) as Partial<Result> & {
      readonly refused?: readonly {readonly message: string}[];
      readonly error?: {readonly message: string};
    };
    if (printed.run !== undefined) return {result: printed as Result, why: printed.headline ?? ''};
    return {why: printed.refused?.map(({message}) => message).join(' ') ?? printed.error?.message ?? ''};
  } catch {
    return {why: 'it ended without a result'};
  }
}

/**
 * Runs one experiment as a process of its own, so that nothing of one run is left for the next. A signal is handed on
 * once for each time it comes: the run undoes what it did, and ends.
 */
export async function runEntry({path, title}: SuiteEntry, attempts: number, options: EntryOptions): Promise<SuiteRun> {
  const [program, ...first] = options.program;
  const child = spawn(program, [...first, 'run', path, '--json', ...options.args], {
    env: options.environment,
    // In a group of its own: a terminal sends Ctrl-C to all of a group, and a second one hands a run over.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const handlers = SIGNALS.map(name => ({name, handle: () => void child.kill(name)}));
  for (const {name, handle} of handlers) options.signals.on(name, handle);
  try {
    const parts: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= MOST_OUTPUT) parts.push(part);
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    const exit = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    const {result, why} = read(Buffer.concat(parts).toString('utf8'));
    const head = {path, title, exit, attempts, why};
    return result === undefined ? {...head, state: 'refused'} : {...head, state: 'ran', result};
  } finally {
    for (const {name, handle} of handlers) options.signals.off(name, handle);
  }
}
