import type {Clock} from '../system/clock.js';
import {describeError} from '../system/error.js';
import type {OpenProbe, Reading, Sample} from './contract.js';
import {noValue, type NoValue} from './missing.js';
import {timedOut} from './time-limit.js';

export interface SamplerOptions {
  readonly probe: OpenProbe;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly onSample: (subject: string | undefined, sample: Sample) => void;
}

export interface RunningSampler {
  /** Starts no further read and waits for the one in flight, at most for its time-out. No sample comes after it. */
  stop(): Promise<void>;
  /**
   * Whether everything that was so before this moment (mono µs) has been told, or given up; left out where every read
   * tells of its own moment.
   */
  hasTold?(toUs: number): boolean;
}

/** How long a probe may take to answer that its time is up. After that its answer no longer counts. */
const GRACE_MS = 100;

export interface BoundedRead {
  /** The readings, or why there are none; settles shortly after the time-out at the latest. */
  readonly answer: Promise<readonly Reading[] | NoValue>;
  /** Settles when the probe itself has come back. */
  readonly done: Promise<void>;
}

/** Reads a probe within a time-out. Neither promise rejects. */
export function readWithin(probe: OpenProbe, timeoutMs: number, clock: Clock): BoundedRead {
  const timeUp = new AbortController();
  const over = new AbortController();
  const late = noValue(probe.asks === 'target' ? 'timeout' : 'between', timedOut(timeoutMs).message);
  const deadline = clock
    .sleep(timeoutMs, over.signal)
    .then(() => timeUp.abort(timedOut(timeoutMs)))
    .then(() => clock.sleep(GRACE_MS, over.signal))
    .then(() => undefined)
    .catch(() => undefined);
  const read = Promise.resolve()
    .then(() => probe.read(timeUp.signal))
    .catch((error: unknown) => (timeUp.signal.aborted ? late : noValue('bug', describeError(error))));
  const answer = Promise.race([read, deadline]).then(readings => {
    over.abort();
    return readings ?? late;
  });
  return {answer, done: read.then(() => undefined)};
}

/**
 * A reading as a sample; what is no number is missing, whatever the probe thinks of it. Its own time counts where it
 * has one.
 */
export function sampleOf(reading: Reading, read: {readonly t: number; readonly d: number}): Sample {
  const {value, at, lasts, counted} = reading;
  const about = {
    ...(at === undefined ? read : {t: at, d: 0}),
    ...(lasts === undefined ? {} : {lasts}),
    ...(counted === undefined ? {} : {counted}),
  };
  if (value === null) return {...about, value, why: reading.why, missing: reading.missing};
  if (!Number.isFinite(value)) return {...about, ...noValue('silent', `the probe read ${value}`)};
  return {...about, value};
}
