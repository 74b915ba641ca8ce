import type {LoadMeasure} from '../../experiment/experiment.js';
import {countOf, meanOf, mergeHistograms, quantileOf} from '../../quantities/histogram.js';
import type {LoadSecond} from '../contract.js';

/** A measure over some seconds of one load; null with the reason where nothing was asked of the system. */
export type LoadFigure = {readonly sent: number; readonly intended: number} & (
  {readonly value: number} | {readonly value: null; readonly why: string}
);

/** What says nothing about the system: never sent, or torn down by the generator itself. */
const NOT_ANSWERED_FOR = new Set(['unsent', 'aborted']);

const QUANTILES = {
  'latency.p50': 0.5,
  'latency.p90': 0.9,
  'latency.p95': 0.95,
  'latency.p99': 0.99,
  'latency.max': 1,
} as const satisfies Partial<Record<LoadMeasure, number>>;

/**
 * The one definition of what a load measures, over all requests of the seconds together (never a mean of per-second values):
 * - `latency.*` (ms): over every request that was sent, error statuses and time-outs included (a time-out counts with the time
 *   it was waited for), so that failing fast or not at all cannot make a system look fast;
 * - `errors.ratio` (0 to 1): sent requests without the outcome `ok`, over all sent ones; `errors.rate`: those per second;
 * - `throughput` (per second): `ok` ones.
 * Requests that could not be sent count nowhere; compare `sent` with `intended` before believing a value.
 */
export function measureLoad(seconds: readonly LoadSecond[], measure: LoadMeasure): LoadFigure {
  const outcomes = seconds
    .flatMap(second => Object.entries(second.outcomes))
    .filter(([outcome]) => !NOT_ANSWERED_FOR.has(outcome));
  const ok = outcomes.reduce((sum, [outcome, histogram]) => sum + (outcome === 'ok' ? countOf(histogram) : 0), 0);
  const all = mergeHistograms(outcomes.map(([, histogram]) => histogram));
  const total = countOf(all);
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
    case 'throughput':
      return {...figure, value: ok / seconds.length};
    case 'latency.mean':
      return {...figure, value: (meanOf(all) ?? 0) / 1000};
    default:
      return {...figure, value: (quantileOf(all, QUANTILES[measure]) ?? 0) / 1000};
  }
}
