import type {LoadMeasure, LoadSpec} from '../../signals/load/spec.js';
import type {LoadSecond} from '../../signals/contract.js';
import {countOutcomes, measureLoad} from '../../signals/load/measure.js';
import {generatorFigures, generatorLimited, lateness, shortfall} from '../judgement/generator.js';
import {meanFlow, type SearchStep} from '../../statistics/index.js';
import {flowOf} from '../judgement/flow.js';

/**
 * What a load measured over some of its seconds. Latencies in ms from when a request was due; null where there is none.
 */
export interface LoadSummary {
  readonly load: string;
  readonly seconds: number;
  /** Requests that were due, and those that were sent. */
  readonly intended: number;
  readonly sent: number;
  /** Requests due, and requests answered well, per second. */
  readonly offered: number;
  readonly achieved: number;
  /** Requests in flight, on average. */
  readonly inFlight: number;
  readonly latency: {
    readonly p50: number | null;
    readonly p90: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
    readonly max: number | null;
    readonly mean: number | null;
  };
  /** Share of the sent requests that failed; null when none was sent. */
  readonly errors: number | null;
  /** How many requests ended in each way. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** How late requests were sent, ms. */
  readonly lag: {readonly p50: number | null; readonly p99: number | null};
  /** Variance over mean of the requests per 10 ms: 0 is even, 1 is random. */
  readonly dispersion: {readonly sent: number; readonly planned: number} | null;
  /** Why the generator, not the system, decided what was measured; null when it held the load. */
  readonly limited: string | null;
}

const toMs = (us: number | null) => (us === null ? null : us / 1000);

/**
 * What a load measured.
 * @param seconds whole seconds of one load, in order, at least one
 */
export function summaryOf(seconds: readonly LoadSecond[]): LoadSummary {
  const value = (measure: LoadMeasure) => measureLoad(seconds, measure).value;
  const flow = meanFlow(flowOf(seconds));
  const {intended, sent, lagP50Us, lagP99Us, dispersion} = generatorFigures(seconds);
  return {
    load: seconds[0]?.load ?? '',
    seconds: seconds.length,
    intended,
    sent,
    offered: flow?.offered ?? 0,
    achieved: flow?.throughput ?? 0,
    inFlight: flow?.concurrency ?? 0,
    latency: {
      p50: value('latency.p50'),
      p90: value('latency.p90'),
      p95: value('latency.p95'),
      p99: value('latency.p99'),
      max: value('latency.max'),
      mean: value('latency.mean'),
    },
    errors: value('errors.ratio'),
    outcomes: countOutcomes(seconds),
    lag: {p50: toMs(lagP50Us), p99: toMs(lagP99Us)},
    dispersion,
    limited: generatorLimited(seconds)?.why ?? null,
  };
}

/** The share of `maxInFlight` from which on it is the system that keeps requests from being sent. */
const FULL = 0.5;

/**
 * Some seconds at one rate as a step of the search for the saturation point. `before`: seconds before those, whose
 * requests may have been answered in them. A system that is full of requests is what the search looks for: no fault of
 * the generator.
 */
export function searchStep(
  seconds: readonly LoadSecond[],
  {rate, maxInFlight}: Pick<LoadSpec, 'rate' | 'maxInFlight'>,
  before: readonly LoadSecond[],
): SearchStep {
  const points = flowOf([...before, ...seconds]).slice(before.length);
  const {offered = 0, throughput = 0, concurrency = 0} = meanFlow(points) ?? {};
  const unsent = shortfall(seconds) !== undefined && concurrency < FULL * maxInFlight;
  return {
    rate,
    offered,
    throughput,
    concurrency,
    p99: measureLoad(seconds, 'latency.p99').value,
    errors: measureLoad(seconds, 'errors.ratio').value ?? 1,
    points,
    limited: unsent || lateness(seconds) !== undefined,
  };
}
