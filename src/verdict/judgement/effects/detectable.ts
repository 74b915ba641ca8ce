import {studentQuantile} from '../distributions/student.js';
import {cosinesFor} from '../series/variance.js';
import {welchFreedom, type Shift, type WindowSide} from './shift.js';

/** The share of runs in which a change of the stated size is to be seen. */
export const POWER = 0.8;

/** A window longer or shorter than this many bins is no answer to "how long must it be". */
const SHORTEST = 8;
const FIRST_GUESS = 120;
const LONGEST = 7 * 24 * 3600;

/** The quantiles that a change must exceed to be called one (alpha) in the share POWER of all runs. */
function reach(freedom: number, alpha: number): number {
  return studentQuantile(1 - alpha, freedom) + studentQuantile(POWER, freedom);
}

/** The smallest shift, on the scale of the comparison, that these windows answer: (t₁₋ₐ + t₀.₈)·se (research/statistics 3.1 iv). */
export function detectableShift({standardError, freedom}: Shift, alpha: number): number {
  return standardError === 0 ? 0 : reach(freedom, alpha) * standardError;
}

/** The smallest shift that a baseline and a fault window of these lengths (bins) will answer, from the baseline's Ω alone. */
export function detectableFrom(
  {omega}: WindowSide,
  {baseline, fault, alpha}: {baseline: number; fault: number; alpha: number},
): number {
  const parts = [baseline, fault].map(count => ({variance: omega / count, freedom: cosinesFor(count)}));
  const error = Math.sqrt(omega / baseline + omega / fault);
  return error === 0 ? 0 : reach(welchFreedom(parts), alpha) * error;
}

/**
 * The least length (bins) of both windows at which noise of these Ω lets a difference of `distance` be seen: T = ΣΩ·((t₁₋ₐ + t₀.₈)/distance)². The
 * degrees of freedom grow with T, so it is solved by going round; null when no week of seconds is enough.
 */
function lengthFor(omegas: readonly [number, number], distance: number, alpha: number): number | null {
  if (!(distance > 0)) return null;
  const total = omegas[0] + omegas[1];
  let bins = FIRST_GUESS;
  for (let round = 0; round < 8; round++) {
    const freedom = welchFreedom(omegas.map(omega => ({variance: omega / bins, freedom: cosinesFor(bins)})));
    const next = Math.max(SHORTEST, Math.ceil(total * (reach(freedom, alpha) / distance) ** 2));
    if (!(next <= LONGEST)) return null;
    if (next === bins) break;
    bins = next;
  }
  return bins;
}

/** The least number of bins that shows something which longer windows show too; null when not even a week of seconds does. */
export function shortestWindow(shows: (bins: number) => boolean): number | null {
  let high = 1;
  while (!shows(high)) {
    high *= 2;
    if (high > LONGEST) return null;
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (shows(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** How many bins both windows must have for a shift of `margin` to be seen; null when no week would do (research/statistics 3.1 iv). */
export function windowToDetect({omega}: WindowSide, margin: number, alpha: number): number | null {
  return lengthFor([omega, omega], margin, alpha);
}

/**
 * How many bins both windows must have to tell a true shift of `estimate` from `margin`, with the noise seen in both windows:
 * the window that would settle an inconclusive comparison. Null when the estimate is too close to the margin for a week.
 */
export function windowToSettle({estimate, baseline, fault}: Shift, margin: number, alpha: number): number | null {
  return lengthFor([baseline.omega, fault.omega], Math.abs(estimate - margin), alpha);
}
