import {normalQuantile} from '../distributions/normal.js';
import {medianInPlace} from '../series/bins.js';

/** How unusual a value is, measured by the baseline. */
export interface Scores {
  /**
   * Φ⁻¹ of the value's mid-rank among the baseline's values: about standard normal for any distribution, and never
   * beyond what n values can say.
   */
  readonly normal: (value: number) => number;
  /** (value − median) / (1.4826·MAD): not bounded, and not moved by outliers of the baseline. */
  readonly robust: (value: number) => number;
}

/** 1 / Φ⁻¹(0.75): makes the median absolute deviation of a normal its standard deviation. */
const MAD_TO_SIGMA = 1.4826;

function robustSpread(values: readonly number[], centre: number): number {
  const mad = medianInPlace(values.map(value => Math.abs(value - centre))) ?? 0;
  if (mad > 0) return MAD_TO_SIGMA * mad;
  // More than half of the values are the same: what the others do is all there is to go by.
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}

/** The normal scores (van der Waerden 1952) of later values against a baseline with at least one value. */
export function scoresOf(baseline: readonly number[]): Scores {
  const sorted = Float64Array.from(baseline).sort();
  const count = sorted.length;
  // Twice the mid-rank is a whole number, so every possible score is known beforehand.
  const scores = Float64Array.from({length: 2 * count + 1}, (_, twice) =>
    normalQuantile((twice / 2 + 0.5) / (count + 1)),
  );
  const centre = medianInPlace([...baseline]) ?? 0;
  const spread = robustSpread(baseline, centre);
  return {
    normal: value => scores[twiceMidRank(sorted, value)] ?? 0,
    robust: value => (value === centre ? 0 : (value - centre) / spread),
  };
}

/** Twice the mid-rank of a value: how many of the sorted values are below it and how many are not above it, added. */
function twiceMidRank(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  let same = low;
  while (sorted[same] === value) same++;
  return low + same;
}
