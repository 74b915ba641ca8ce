import type {Random} from '../../../quantities/random.js';
import type {CountEffect} from '../effects/counts.js';
import type {Effect} from '../effects/effect.js';
import type {QuantileEffect} from '../effects/quantiles.js';

/** One direction of a comparison, turned so that a positive number is worse; on the scale of the comparison. */
export interface Direction {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  readonly margin: number;
  readonly critical: number;
  /** The p-value of "worse than the margin". */
  readonly chance: number;
}

export interface Comparison {
  readonly directions: readonly Direction[];
  /** Seconds or bins both windows need to settle what is open; null when the noise cannot tell or no week would do. */
  readonly settles: () => number | null;
  /** Values in the smaller window, and independent ones; Infinity where the method does not count them. */
  readonly values: number;
  readonly effective: number;
  /** The larger share of missing bins of the two windows. */
  readonly missing: number;
  readonly effect:
    | {readonly kind: 'bins'; readonly of: Effect}
    | {readonly kind: 'counts'; readonly of: CountEffect}
    | {readonly kind: 'latency'; readonly of: QuantileEffect};
}

export interface ComparisonRules {
  readonly worse: 'higher' | 'lower' | 'either';
  /** Allowed change: relative (0.1 = 10 %), or of a share for counts. */
  readonly by: number;
  /** Change from which it is a failure. */
  readonly critical: number;
  /** Level of each one-sided limit. */
  readonly alpha: number;
  readonly random: Random;
}

/** The directions in which a metric can get worse. */
export function directionsOf(worse: ComparisonRules['worse']): readonly ('higher' | 'lower')[] {
  return worse === 'either' ? ['higher', 'lower'] : [worse];
}

/** An interval turned so that a positive number is worse. */
export function turned(
  {estimate, lower, upper}: {estimate: number; lower: number; upper: number},
  worse: 'higher' | 'lower',
) {
  return worse === 'higher' ? {estimate, lower, upper} : {estimate: -estimate, lower: -upper, upper: -lower};
}

/**
 * How long windows of `seconds` must be made for the interval to leave out the margin: its reach shrinks with the root of the length.
 * Null when the estimate is at the margin.
 */
export function windowFor(
  seconds: number,
  {estimate, lower, upper, margin}: Pick<Direction, 'estimate' | 'lower' | 'upper' | 'margin'>,
): number | null {
  const distance = Math.abs(estimate - margin);
  const reach = estimate > margin ? estimate - lower : upper - estimate;
  const times = (reach / distance) ** 2;
  return Number.isFinite(times) ? Math.ceil(seconds * times) : null;
}

/** The longest of the windows that the directions need; null when one of them cannot be settled. */
export function longestOf(windows: readonly (number | null)[]): number | null {
  return windows.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)), 0);
}
