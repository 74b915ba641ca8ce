import type * as z from 'zod';
import type {JsonObject} from '../quantities/json.js';
import type {Reader, TargetRef} from '../targets/contract.js';
import type {CountedLog} from './logs/contract.js';
import type {Missing, NoValue} from './missing.js';

/** What the value of a bin was made of: enough to add up several bins before a number is made of them. */
export type Counted =
  | {readonly bad: number; readonly total: number}
  /**
   * Observations up to each bound (ascending, in the metric's unit); `counts` has one more entry than `bounds`: all of
   * them.
   */
  | {readonly bounds: readonly number[]; readonly counts: readonly number[]};

/** When a value that was told afterwards was true, and what it is made of. */
export interface ReadingOrigin {
  /** Start of the time the value stands for, mono µs. */
  readonly at?: number;
  /** Length of that time, µs; left out for a moment. */
  readonly lasts?: number;
  /** Also there when there is no value: an error ratio without traffic has counted none of none. */
  readonly counted?: Counted;
}

/** What a probe answers once: a number, or the reason why there is none. NaN and infinity are reasons, not numbers. */
export type Reading = {readonly subject?: string} & ReadingOrigin & ({readonly value: number} | NoValue);

/** One entry of the file's `targets`, resolved. */
export interface ProbedTarget {
  /** As they were when the run was planned: a process may have been started or restarted since. */
  readonly refs: readonly TargetRef[];
  readonly reader: Reader;
  readonly address: JsonObject;
  /** The normalised selector, to find the targets' present incarnations. */
  readonly selector: JsonObject;
}

/** What a probe may use. Readers are there for probes that look at targets (docker, kubernetes, process). */
export interface ProbeContext {
  readonly reveal: (text: string) => string;
  /** The resolved targets by the name the file gives them, with a reader of their driver. */
  readonly targets: Readonly<Record<string, ProbedTarget>>;
  readonly sources: Readonly<Record<string, {readonly prometheus?: string; readonly alertmanager?: string}>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The logs of the file while they are followed; a plan follows none. */
  readonly logs?: Readonly<Record<string, CountedLog>>;
}

/** A time on the monotonic clock, µs; the end is not part of it. */
export interface Past {
  readonly fromUs: number;
  readonly toUs: number;
}

/** A probe that is open: connections are kept between reads. */
export interface OpenProbe {
  /**
   * Set where the target itself is asked: not to answer in time is then its failure, else that of who stands between.
   */
  readonly asks?: 'target';
  /** Its readings carry subjects: a read that fails before the first answer belongs to none that is known yet. */
  readonly perSubject?: boolean;
  /**
   * Never throws for the target's sake: what went wrong is the reading's `why`. May reject only with the signal's
   * reason.
   */
  read(signal: AbortSignal): Promise<readonly Reading[]>;
  /**
   * Only of probes whose values come late and in bins, because somebody else measures: each read gives those bins that
   * have become complete since the last one, with `at` and `lasts`, each bin once. Tells how long to wait for a bin
   * before it counts as missing, ms.
   */
  patienceMs?(): number;
  /**
   * Only of probes that know the past: what was measured in it, by time. What `read` tells next begins where this
   * ended. May reject.
   */
  history?(past: Past, signal: AbortSignal): Promise<readonly Reading[]>;
  close(): Promise<void>;
}

/** One source of numbers; lives in src/signals/probes/<name>/. */
export interface ProbeSource {
  readonly name: string;
  readonly summary: string;
  readonly parameters: () => z.ZodType;
  /** What each read opens anew, and what it goes on with: a kept connection says nothing about who comes new. */
  readonly opens: {readonly anew: string; readonly kept: string};
  /** `everyMs`: how often it is going to be read; left out for a single read. */
  open(parameters: JsonObject, context: ProbeContext, everyMs?: number): Promise<OpenProbe>;
}

/**
 * One sample of one series. `t` is when the read was started (mono µs), `d` how long it took (µs). A value that was
 * told afterwards stands for the time from `t` to `t + lasts`, and `d` is 0.
 */
export interface Sample {
  readonly t: number;
  readonly d: number;
  readonly value: number | null;
  readonly why?: string;
  /** Whose failure it is that there is no value; not in records of older versions. */
  readonly missing?: Missing;
  readonly lasts?: number;
  readonly counted?: Counted;
}

/** Histogram buckets: see quantities/histogram.ts (µs). */
type Histogram = readonly (readonly [bucket: number, count: number])[];

/** What became of the requests of one second, assigned by the intended send time. */
export interface RequestCounts {
  /** How many requests the pace asked for in this second. */
  readonly intended: number;
  /** How many were really sent; the rest could not be (`maxInFlight`, generator too slow). */
  readonly sent: number;
  /**
   * Latency from the intended send time, by outcome: `ok`, `status-503`, `check-NAME`, `timeout`, `refused`, `reset`,
   * `unsent`, …
   */
  readonly outcomes: Readonly<Record<string, Histogram>>;
}

/** What became of all requests of a load up to a moment: `sent` is `accepted`, `failed` and `inFlight` together. */
export interface LoadTotals {
  readonly intended: number;
  readonly sent: number;
  /** With the outcome `ok`. */
  readonly accepted: number;
  readonly failed: number;
  /** Those of the failed that got no answer although they may have arrived: the target may have carried them out. */
  readonly unanswered: number;
  /** Sent, and without an outcome yet. */
  readonly inFlight: number;
}

/** One second of one load. What is optional is not in records of older versions. */
export interface LoadSecond extends RequestCounts {
  readonly load: string;
  /** Start of the second, mono µs. */
  readonly at: number;
  /** 99th percentile of (actual send − intended send), µs. */
  readonly lagP99: number;
  /** All of (actual send − intended send), µs. */
  readonly lags?: Histogram;
  /**
   * How evenly requests left: variance over mean of their number per 10 ms, over this second. Even spacing that is not
   * rarer than that gives 0, independent arrivals (Poisson) 1, bursts more. `planned`: the same of the moments at which
   * they were due. Not there for a second that was cut short, or in which nothing was sent.
   */
  readonly dispersion?: {readonly sent: number; readonly planned: number};
  /** The same counts for each request that has a name of its own. */
  readonly requests?: Readonly<Record<string, RequestCounts>>;
}
