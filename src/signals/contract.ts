import type {z} from 'zod';
import type {JsonObject} from '../quantities/json.js';
import type {Unit} from '../quantities/unit.js';
import type {Reader, TargetRef} from '../targets/contract.js';

/** What a probe answers once: a number, or the reason why there is none. NaN and infinity are reasons, not numbers. */
export type Reading = {readonly subject?: string} & (
  {readonly value: number} | {readonly value: null; readonly why: string}
);

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
}

/** A probe that is open: connections are kept between reads. */
export interface OpenProbe {
  /** Its readings carry subjects: a read that fails before the first answer belongs to none that is known yet. */
  readonly perSubject?: boolean;
  /** Never throws for the target's sake: what went wrong is the reading's `why`. May reject only with the signal's reason. */
  read(signal: AbortSignal): Promise<readonly Reading[]>;
  close(): Promise<void>;
}

/** One source of numbers; lives in src/signals/probes/<name>/. */
export interface ProbeSource {
  readonly name: string;
  readonly summary: string;
  readonly parameters: () => z.ZodType;
  /** From the normalised parameters. */
  unit(parameters: JsonObject): Unit;
  worse(parameters: JsonObject): 'higher' | 'lower' | 'either';
  open(parameters: JsonObject, context: ProbeContext): Promise<OpenProbe>;
}

/** One sample of one series. `t` is when the read was started (mono µs), `d` how long it took (µs). */
export interface Sample {
  readonly t: number;
  readonly d: number;
  readonly value: number | null;
  readonly why?: string;
}

/** One second of one load, assigned by the intended send time. Histogram buckets: see quantities/histogram.ts (µs). */
export interface LoadSecond {
  readonly load: string;
  /** Start of the second, mono µs. */
  readonly at: number;
  /** How many requests the pace asked for in this second. */
  readonly intended: number;
  /** How many were really sent; the rest could not be (`maxInFlight`, generator too slow). */
  readonly sent: number;
  /** 99th percentile of (actual send − intended send), µs. */
  readonly lagP99: number;
  /** Latency from the intended send time, by outcome: `ok`, `status-503`, `timeout`, `refused`, `reset`, `unsent`, … */
  readonly outcomes: Readonly<Record<string, readonly (readonly [bucket: number, count: number])[]>>;
}
