import {studentQuantile} from '../distributions/student.js';
import type {Shift} from './shift.js';

/** The share of runs in which a change of the stated size is to be seen. */
export const POWER = 0.8;

/** A window of more bins than this, a week of seconds, is no answer to "how long must it be". */
const LONGEST = 7 * 24 * 3600;

/** The quantiles that a change must exceed to be called one (alpha) in the share POWER of all runs. */
function reach(freedom: number, alpha: number): number {
  return studentQuantile(1 - alpha, freedom) + studentQuantile(POWER, freedom);
}

/** The smallest shift, on the scale of the comparison, that these windows answer: (t₁₋ₐ + t₀.₈)·se (Bloom 1995). */
export function detectableShift({standardError, freedom}: Shift, alpha: number): number {
  return standardError === 0 ? 0 : reach(freedom, alpha) * standardError;
}

/** A length is told to this part of it. */
const CLOSE = 1e-3;

/**
 * The least number of bins (to a thousandth of it) in which `least`, which falls with their number, is no more than
 * `distance`; null when not even a week of seconds has so little. It falls about as the root of the number: that law
 * gives the guesses, and what it leaves wide is halved.
 */
export function shortestWindow(least: (bins: number) => number, distance: number): number | null {
  let [low, high] = [0, LONGEST + 1];
  let guess = 60;
  for (let turn = 1; high - low > Math.max(1, CLOSE * high); turn++) {
    const value = least(guess);
    if (value > distance) low = guess;
    else high = guess;
    const byLaw = value > 0 ? Math.ceil(guess * Math.min(1e6, (value / distance) ** 2)) : 1;
    const next = turn % 4 === 0 ? Math.round(Math.sqrt(Math.max(1, low) * high)) : byLaw;
    guess = Math.min(high - 1, Math.max(low + 1, next));
  }
  return high > LONGEST ? null : high;
}
