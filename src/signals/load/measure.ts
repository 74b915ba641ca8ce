import {
  countOf,
  flatHistogram,
  meanOf,
  mergeHistograms,
  quantileOf,
  type FlatHistogram,
  type SparseHistogram,
} from '../../quantities/histogram.js';
import {tlsReason} from '../../quantities/tls-reasons.js';
import type {JsonObject} from '../../quantities/json.js';
import type {LoadSecond} from '../contract.js';
import type {LoadMeasure} from './spec.js';

/** A measure over some seconds of one load; null with the reason where nothing was asked of the system. */
export type LoadFigure = {readonly sent: number; readonly intended: number} & (
  {readonly value: number} | {readonly value: null; readonly why: string}
);

/** What says nothing about the system: never sent, or torn down by the generator itself. */
const NOT_ANSWERED_FOR = new Set(['unsent', 'aborted']);

/** Outcomes with a latency: an answer, or the whole time-out waited for. */
function hasLatency(outcome: string): boolean {
  return outcome === 'ok' || outcome === 'timeout' || /^(?:status-|check-|database)/.test(outcome);
}

/** The seconds as a metric sees them: of its one request where it names one, else as they are. May be asked again. */
export function secondsSeenBy(
  metric: {readonly parameters: JsonObject},
  seconds: readonly LoadSecond[],
): readonly LoadSecond[] {
  const {request} = metric.parameters;
  if (typeof request !== 'string') return seconds;
  return seconds.map(second => {
    const counts = second.requests?.[request] ?? {intended: 0, sent: 0, outcomes: {}};
    return {...second, ...counts, requests: {[request]: counts}};
  });
}

/** Which quantile a latency measure is. */
export const QUANTILES = {
  'latency.p50': 0.5,
  'latency.p90': 0.9,
  'latency.p95': 0.95,
  'latency.p99': 0.99,
  'latency.max': 1,
} as const satisfies Partial<Record<LoadMeasure, number>>;

/**
 * The one definition of what a load measures, over all requests of the seconds together (never a mean of per-second
 * values):
 * - `latency.*` (ms): over every request that was sent. Error statuses and errors of a store count, time-outs with the
 *   time they were waited for. A request that got no answer (refused, reset, …) counts as slower than all others, so
 *   that failing fast cannot make a system look fast: a quantile that falls among those has no value. `latency.mean` is
 *   over the answered ones;
 * - `errors.ratio` (0 to 1): sent requests without the outcome `ok`, over all sent ones; `errors.rate`: those per
 *   second;
 * - `throughput` (per second): `ok` ones.
 * Requests that could not be sent count nowhere; compare `sent` with `intended` before believing a value.
 */
export function measureLoad(seconds: readonly LoadSecond[], measure: LoadMeasure): LoadFigure {
  const outcomes = seconds
    .flatMap(second => Object.entries(second.outcomes))
    .filter(([outcome]) => !NOT_ANSWERED_FOR.has(outcome));
  const ok = outcomes.reduce((sum, [outcome, histogram]) => sum + (outcome === 'ok' ? countOf(histogram) : 0), 0);
  const total = outcomes.reduce((sum, [, histogram]) => sum + countOf(histogram), 0);
  const figure = {
    sent: seconds.reduce((sum, second) => sum + second.sent, 0),
    intended: seconds.reduce((sum, second) => sum + second.intended, 0),
  };
  if (total === 0) return {...figure, value: null, why: 'no request was sent'};
  switch (measure) {
    case 'errors.ratio':
      return {...figure, value: (total - ok) / total};
    case 'errors.rate':
      return {...figure, value: (total - ok) / seconds.length};
    case 'capacity':
      return {...figure, value: null, why: 'a capacity is read off a whole sweep, not off some seconds'};
    case 'throughput':
      return {...figure, value: ok / seconds.length};
    default: {
      const timed = mergeHistograms(seconds.flatMap(timedIn));
      const us = measure === 'latency.mean' ? meanOf(timed) : quantileAmong(timed, total, QUANTILES[measure]);
      if (us !== null) return {...figure, value: us / 1000};
      return {...figure, value: null, why: `${total - countOf(timed)} of ${total} requests got no answer`};
    }
  }
}

/**
 * The q-quantile (µs) of `total` requests of which only those in `timed` have a latency and the others are slower than
 * all.
 */
function quantileAmong(timed: SparseHistogram, total: number, q: number): number | null {
  const answered = countOf(timed);
  const rank = Math.max(1, Math.ceil(q * total));
  return rank > answered ? null : quantileOf(timed, rank / answered);
}

const countAll = (histograms: readonly SparseHistogram[]) => histograms.reduce((sum, one) => sum + countOf(one), 0);

/** The latencies of all requests of a second that have one. */
export function timedIn({outcomes}: LoadSecond): readonly SparseHistogram[] {
  return Object.entries(outcomes).flatMap(([outcome, histogram]) => (hasLatency(outcome) ? [histogram] : []));
}

/**
 * One second of a load as it counts for latencies: the timed requests, and how many got no answer and so are slower
 * than all others.
 */
export function latenciesOf(second: LoadSecond): {
  readonly histogram: FlatHistogram;
  readonly unanswered: number;
} {
  const timed = timedIn(second);
  return {histogram: flatHistogram(timed), unanswered: errorsOf(second).trials - countAll(timed)};
}

/** How many requests of these seconds ended how, the most frequent outcome first. */
export function countOutcomes(seconds: readonly LoadSecond[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const {outcomes} of seconds) {
    for (const [outcome, histogram] of Object.entries(outcomes)) {
      counts[outcome] = (counts[outcome] ?? 0) + countOf(histogram);
    }
  }
  return Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a));
}

/** `380 status-503, 12 tls: the certificate has expired`: how many requests ended how, for people. */
export function outcomesText(counts: Iterable<readonly [outcome: string, count: number]>): string {
  const one = ([outcome, count]: readonly [string, number]) => {
    const code = /^tls-(.+)$/.exec(outcome)?.[1];
    return `${count} ${code === undefined ? outcome : `tls: ${tlsReason(code)}`}`;
  };
  return Array.from(counts, one).join(', ');
}

/**
 * One second of a load as it counts for errors: how many of the requests that were asked of the system did not end with
 * `ok`.
 */
export function errorsOf({outcomes}: LoadSecond): {readonly events: number; readonly trials: number} {
  const asked = Object.entries(outcomes).filter(([outcome]) => !NOT_ANSWERED_FOR.has(outcome));
  const trials = countAll(asked.map(([, histogram]) => histogram));
  return {events: trials - countOf(outcomes['ok'] ?? []), trials};
}
