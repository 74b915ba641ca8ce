import {Worker} from 'node:worker_threads';
import type {LoadSpec} from './spec.js';
import {FiredrillError, type ErrorCode} from '../../system/error.js';
import {secretsIn} from '../../system/secrets.js';
import type {LoadSecond} from '../contract.js';
import type {CsvTable} from './csv.js';
import {requestTexts, tableOf} from './own-table.js';
import type {LoadOptions, RunningLoad} from './generator.js';
import {SharedTotals} from './totals.js';
import type {WritesByRequest} from './writes.js';

/** What the thread is given. */
export interface LoadWork {
  readonly spec: LoadSpec;
  /**
   * The secrets of its requests by their references. They were revealed here: so they are taken out of whatever is told
   * here.
   */
  readonly secrets: ReadonlyMap<string, string>;
  /** The rows of its CSV, of the columns that it needs. */
  readonly table: CsvTable | undefined;
  readonly totals: SharedArrayBuffer;
}

/** What the thread tells: a second each second, and how it begins and ends. */
export type LoadNews =
  | 'started'
  | 'stopped'
  | {readonly second: LoadSecond}
  | {readonly writes: WritesByRequest}
  | {
      readonly refused: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly hint: string | undefined;
        readonly cause: string | undefined;
      };
    };

/** A load in a thread of its own. */
export interface LoadThread extends RunningLoad {
  /** What it has written; undefined before it has stopped, and where it did not come to its end. */
  writes(): WritesByRequest | undefined;
}

/** Beyond its longest request, ms: a thread that has not ended by then is ended. */
const STOP_GRACE_MS = 10_000;

/** What the thread runs: bundled, or from source. */
function newThread(workerData: LoadWork): Worker {
  const here = import.meta.url;
  return here.endsWith('.ts')
    ? new Worker(new URL('./thread-source.mjs', here), {workerData, execArgv: []})
    : new Worker(new URL('./load-thread.js', here), {workerData});
}

/**
 * Starts an open-loop load in a thread of its own: however busy it is, whoever started it goes on with what is due
 * there, an undo above all. `onFailure`: the load ended by a fault of its own, or had no memory left.
 * @throws FiredrillError as `startLoad` does.
 */
export async function startLoadThread({
  spec,
  reveal,
  clock,
  onSecond,
  onFailure,
}: Omit<LoadOptions, 'totals' | 'table' | 'writes'> & {
  readonly onFailure: (error: Error) => void;
}): Promise<LoadThread> {
  const totals = new SharedTotals();
  const table = spec.csv === undefined ? undefined : await tableOf(spec.csv, requestTexts(spec));
  const thread = newThread({spec, secrets: secretsIn(requestTexts(spec), reveal), table, totals: totals.memory});
  const {started, stopped, writes} = newsOf(thread, onSecond);
  try {
    await started;
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  thread.once('error', onFailure);
  const end = async () => {
    thread.postMessage('stop');
    const over = new AbortController();
    const late = clock.sleep(spec.timeoutMs + STOP_GRACE_MS, over.signal).catch(() => undefined);
    await Promise.race([stopped, late]);
    over.abort();
    await thread.terminate();
  };
  let ended: Promise<void> | undefined;
  return {totals: () => totals.read(), stop: () => (ended ??= end()), writes};
}

/**
 * `started` rejects when the load is refused or fails; `stopped` resolves at the end of the thread, whatever that was.
 */
function newsOf(thread: Worker, onSecond: (second: LoadSecond) => void) {
  let isStopped: () => void = () => undefined;
  let written: WritesByRequest | undefined;
  const stopped = new Promise<void>(resolve => (isStopped = resolve));
  thread.once('exit', isStopped);
  const started = new Promise<void>((resolve, reject) => {
    thread.once('error', reject);
    thread.on('message', (news: LoadNews) => {
      if (news === 'started') resolve();
      else if (news === 'stopped') isStopped();
      else if ('second' in news) onSecond(news.second);
      else if ('writes' in news) written = news.writes;
      else {
        const {code, message, ...why} = news.refused;
        reject(new FiredrillError(code, message, {...why, cause: why.cause && new Error(why.cause)}));
      }
    });
  });
  return {started, stopped, writes: () => written};
}
