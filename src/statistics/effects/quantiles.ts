import {bucketMiddle, bucketOf} from '../../quantities/histogram.js';
import {normalQuantile} from '../distributions/normal.js';
import {reachOver} from '../series/noise.js';
import {RESAMPLES, wideningOf, type QuantileDraws, type RedrawnWindow} from './bootstrap.js';
import {levelAt} from './inversion.js';
import type {ConfidenceLimits} from './shift.js';

/** What a fault did to a quantile of the latency. */
export interface QuantileEffect {
  /** ms. */
  readonly baseline: number;
  /** ms; Infinity when so many requests got no answer that the quantile falls among them. */
  readonly fault: number;
  /** Relative change, with one-sided limits at level alpha each. */
  readonly relative: {readonly estimate: number} & ConfidenceLimits;
  /** ln(1 + relative). */
  readonly log: {readonly estimate: number} & ConfidenceLimits;
  /** Limits of the log at any other level. */
  readonly limits: (alpha: number) => ConfidenceLimits;
  /** The p-value of "more than the margin" (on the log scale): the level at which the lower limit is still above it. */
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

/** The least level at which redrawn windows themselves show a limit; beyond it they are taken for normal. */
const LEAST_DRAWN = 2 / (RESAMPLES + 1);
const WIDEST = 0.25;

/**
 * Limits of a difference of which redrawn pairs are given (percentile method, Efron 1979), made as wide as the noise of
 * the windows asks for: by the ratio of what the noise reaches to what independent draws of this spread would.
 */
export function redrawnLimits(
  sorted: Float64Array,
  {centre, windows}: {readonly centre: number; readonly windows: readonly RedrawnWindow[]},
): (alpha: number) => ConfidenceLimits {
  const {drawn, real} = wideningOf(windows);
  const last = sorted.length - 1;
  /** Real reach over drawn reach; near the middle, where both are nothing, as at the widest level that is asked for. */
  const noiseAt = (alpha: number) => reachOver(real, drawn, Math.min(alpha, WIDEST));
  return alpha => {
    const tail = Math.max(0, Math.floor(Math.max(alpha, LEAST_DRAWN) * (RESAMPLES + 1)) - 1);
    const beyond = alpha < LEAST_DRAWN ? normalQuantile(1 - alpha) / normalQuantile(1 - LEAST_DRAWN) : 1;
    const noise = noiseAt(alpha);
    const at = (value = NaN) =>
      Number.isFinite(value) && Number.isFinite(centre) ? centre + noise * beyond * (value - centre) : value;
    return {lower: at(sorted[tail]), upper: at(sorted[last - tail])};
  };
}

/** A limit moved out by the grain; infinite ones stay. */
function movedOut(estimate: number, limit: number, grain: number): number {
  const reach = limit - estimate;
  if (!Number.isFinite(reach)) return limit;
  // A limit on the other side of the estimate, which skewed draws may have, is moved by the whole grain.
  return Math.sign(reach) === Math.sign(grain) || reach === 0
    ? estimate + Math.sign(grain) * Math.hypot(reach, grain)
    : limit + grain;
}

/**
 * Compares a quantile over all requests of two windows. The limits are those of the differences of redrawn windows, no
 * finer than the histogram. Undefined when the baseline's quantile has no value to compare with.
 */
export function compareQuantiles(
  before: QuantileDraws,
  after: QuantileDraws,
  alpha: number,
): QuantileEffect | undefined {
  if (!Number.isFinite(before.estimate) || before.estimate <= 0) return undefined;
  const differences = after.logs.map((log, i) => log - (before.logs[i] ?? 0)).sort();
  const grain = resolution(before.estimate) + resolution(after.estimate);
  const estimate = Math.log(after.estimate / before.estimate);
  const drawn = redrawnLimits(differences, {centre: estimate, windows: [before, after]});
  // What the buckets hide is as likely to either side, and independent of the noise: the two reaches add up like errors
  // do.
  const limits = (level: number) => {
    const {lower, upper} = drawn(level);
    return {lower: movedOut(estimate, lower, -grain), upper: movedOut(estimate, upper, grain)};
  };
  const {lower, upper} = limits(alpha);
  return {
    baseline: before.estimate / 1000,
    fault: after.estimate / 1000,
    log: {estimate, lower, upper},
    relative: {estimate: Math.expm1(estimate), lower: Math.expm1(lower), upper: Math.expm1(upper)},
    limits,
    chanceAbove: margin => levelAt(level => limits(level).lower > margin),
    chanceBelow: margin => levelAt(level => limits(level).upper < margin),
    beyond: Math.min(before.beyond, after.beyond),
  };
}
