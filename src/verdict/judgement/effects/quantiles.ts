import {bucketMiddle, bucketOf} from '../../../quantities/histogram.js';
import {RESAMPLES, type QuantileDraws} from './bootstrap.js';
import type {Limits} from './shift.js';

/** What a fault did to a quantile of the latency. */
export interface QuantileEffect {
  /** ms. */
  readonly baseline: number;
  /** ms; Infinity when so many requests got no answer that the quantile falls among them. */
  readonly fault: number;
  /** Relative change, with one-sided limits at level alpha each. */
  readonly relative: {readonly estimate: number} & Limits;
  /** ln(1 + relative). */
  readonly log: {readonly estimate: number} & Limits;
  /** The p-value of "more than the margin" (on the log scale): the share of redrawn pairs that do not exceed it. */
  readonly chanceAbove: (margin: number) => number;
  /** The p-value of "less than the margin". */
  readonly chanceBelow: (margin: number) => number;
  /** Fewest requests beyond the quantile in one of the windows. */
  readonly beyond: number;
}

/** Half the width of a histogram bucket on the log scale: no interval is finer than what was recorded. */
export function resolution(us: number): number {
  if (!Number.isFinite(us) || us <= 0) return 0;
  const bucket = bucketOf(us);
  return Math.log(bucketMiddle(bucket + 1) / bucketMiddle(bucket)) / 2;
}

/**
 * Compares a quantile over all requests of two windows. The limits are quantiles of the differences of redrawn windows (percentile
 * method), no finer than the histogram. Undefined when the baseline's quantile has no value to compare with.
 */
export function compareQuantiles(
  before: QuantileDraws,
  after: QuantileDraws,
  alpha: number,
): QuantileEffect | undefined {
  if (!Number.isFinite(before.estimate) || before.estimate <= 0) return undefined;
  const differences = after.logs.map((log, i) => log - (before.logs[i] ?? 0)).sort();
  const grain = resolution(before.estimate) + resolution(after.estimate);
  const tail = Math.max(0, Math.floor(alpha * (RESAMPLES + 1)) - 1);
  const log = {
    estimate: Math.log(after.estimate / before.estimate),
    lower: (differences[tail] ?? NaN) - grain,
    upper: (differences[RESAMPLES - 1 - tail] ?? NaN) + grain,
  };
  return {
    baseline: before.estimate / 1000,
    fault: after.estimate / 1000,
    log,
    relative: {estimate: Math.expm1(log.estimate), lower: Math.expm1(log.lower), upper: Math.expm1(log.upper)},
    chanceAbove: margin => share(differences, difference => difference - grain <= margin),
    chanceBelow: margin => share(differences, difference => difference + grain >= margin),
    beyond: Math.min(before.beyond, after.beyond),
  };
}

/** The share of redrawn pairs that speak against a claim; never 0, because the data itself is one more draw. */
export function share(differences: Float64Array, against: (difference: number) => boolean): number {
  return (differences.filter(against).length + 1) / (RESAMPLES + 1);
}
