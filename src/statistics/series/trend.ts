import {studentQuantile} from '../distributions/student.js';
import {present, type Bins} from './bins.js';
import {noiseOf, spreadOfMeans} from './noise.js';
import {meanOf} from './variance.js';

/** A straight line through a window, with one-sided limits of its slope per bin. */
export interface Trend {
  readonly slope: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Least-squares slope of the bins over time, with the standard error of the mean of (time − mean time) × residual
 * (Newey and West 1987) for the noise that these have from bin to bin, so that a level which wanders is not taken for a
 * trend. Undefined with fewer than three values.
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
  const {standardError, freedom} = spreadOfMeans(noiseOf([products]), [1]);
  const error = (values.length * standardError) / spread;
  const reach = error === 0 ? 0 : studentQuantile(1 - alpha, freedom) * error;
  return {slope, lower: slope - reach, upper: slope + reach};
}

/** How often a trend is seen in a window that has none, on each side. */
const TREND_ALPHA = 0.005;

/** Whether it is proven that the window rises or falls. */
export function hasTrend(bins: Bins): boolean {
  const trend = trendOf(bins, TREND_ALPHA);
  return trend !== undefined && (trend.lower > 0 || trend.upper < 0);
}
