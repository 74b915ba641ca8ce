import {studentQuantile} from '../distributions/student.js';
import {present, type Bins} from './bins.js';
import {cosineVariance, cosinesFor, deviationsOf, meanOf} from './variance.js';

/** A straight line through a window, with one-sided limits of its slope per bin. */
export interface Trend {
  readonly slope: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Least-squares slope of the bins over time, with a standard error from the cosine long-run variance of (time − mean time) × residual, so
 * that autocorrelated noise is not taken for a trend (research/statistics 3.1 iii). Undefined with fewer than three values.
 */
export function trendOf(bins: Bins, alpha: number): Trend | undefined {
  const values = present(bins);
  if (values.length < 3) return undefined;
  const times = bins.flatMap((value, i) => (value === null ? [] : [i]));
  const [middle, mean] = [meanOf(times), meanOf(values)];
  const spread = times.reduce((sum, time) => sum + (time - middle) ** 2, 0);
  const slope = times.reduce((sum, time, i) => sum + (time - middle) * ((values[i] ?? mean) - mean), 0) / spread;
  const products = bins.map((value, time) =>
    value === null ? null : (time - middle) * (value - mean - slope * (time - middle)),
  );
  const error = Math.sqrt(values.length * cosineVariance(deviationsOf(products))) / spread;
  const reach = error === 0 ? 0 : studentQuantile(1 - alpha, cosinesFor(values.length)) * error;
  return {slope, lower: slope - reach, upper: slope + reach};
}
