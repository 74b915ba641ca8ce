import type {Scores} from './scores.js';

/**
 * What a normal second adds to the sum of scores is drawn down by this much, so that the sum stays near zero without a
 * change.
 */
const REFERENCE = 0.5;

/**
 * The two alarms, second by second: a sum that grows with small lasting changes, and three unusual values in a row for
 * large ones.
 */
export interface Watch {
  /** The CUSUM of normal scores: max(0, sum + score − ½) (Page 1954). */
  sum: number;
  /** The bin after the one at which the sum was last zero: where the present excursion began. */
  risingSince: number;
  /** The lowest robust score of the last three bins; −∞ until there are three without a gap. */
  lowestOfThree: number;
}

/**
 * Feeds the bins of a window to `each`, one after the other; a missing bin leaves the sum as it is and breaks the row
 * of three.
 */
export function watch(
  bins: ArrayLike<number | null>,
  scores: Scores,
  each: (now: Readonly<Watch>, bin: number) => boolean,
): void {
  const now: Watch = {sum: 0, risingSince: 0, lowestOfThree: -Infinity};
  let last = -Infinity;
  let lastButOne = -Infinity;
  for (let bin = 0; bin < bins.length; bin++) {
    const value = bins[bin] ?? null;
    if (value === null) {
      last = -Infinity;
      lastButOne = -Infinity;
      now.lowestOfThree = -Infinity;
      continue;
    }
    now.sum = Math.max(0, now.sum + scores.normal(value) - REFERENCE);
    if (now.sum === 0) now.risingSince = bin + 1;
    const robust = scores.robust(value);
    now.lowestOfThree = Math.min(robust, last, lastButOne);
    lastButOne = last;
    last = robust;
    if (each(now, bin)) return;
  }
}
