import type {Random} from '../../../quantities/random.js';
import type {CapacityEffect} from '../capacity/capacity.js';
import type {CountEffect} from '../effects/counts.js';
import type {Effect} from '../effects/effect.js';
import type {QuantileEffect} from '../effects/quantiles.js';
import type {Scale} from '../effects/scale.js';
import type {Shift} from '../effects/shift.js';
import type {Bins} from '../series/bins.js';

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

/** What a fault did to the distance between the targets that were hit and those that were not. */
export interface GroupEffect {
  readonly scale: Scale;
  /** The difference in differences, on the scale. */
  readonly shift: Shift;
  /** The smallest such difference that would be seen in four of five runs, on the scale. */
  readonly detectable: number;
  /** Of the distances, bin by bin. */
  readonly cliffsDelta: number;
  /** Typical values of the targets that were hit. */
  readonly from: number;
  readonly to: number;
}

/** What the fault did to the blocks in which it was on. */
export interface BlockEffect {
  readonly scale: Scale;
  /** Mean of the on blocks minus mean of the off blocks, on the scale, with one-sided limits by inverting the exact test. */
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  /** The smallest p-value that the order of this many blocks can give. */
  readonly leastChance: number;
  /** Typical values of the off and the on blocks. */
  readonly from: number;
  readonly to: number;
}

export interface Comparison {
  readonly directions: readonly Direction[];
  /** Seconds, bins or blocks that both windows need to settle what is open; null when the noise cannot tell or no week would do. */
  readonly settles: () => number | null;
  /** Values in the smaller window, and independent ones; Infinity where the method does not count them. */
  readonly values: number;
  readonly effective: number;
  /** Values that a proof of "held" needs. */
  readonly least: number;
  /** The larger share of missing bins of the two windows. */
  readonly missing: number;
  /** Both windows bin by bin on the scale of the comparison, where a change in a part of one can be looked for. */
  readonly series?: {readonly baseline: Bins; readonly fault: Bins};
  readonly effect:
    | {readonly kind: 'bins'; readonly of: Effect}
    | {readonly kind: 'counts'; readonly of: CountEffect}
    | {readonly kind: 'latency'; readonly of: QuantileEffect}
    | {readonly kind: 'capacity'; readonly of: CapacityEffect}
    | {readonly kind: 'groups'; readonly share: boolean; readonly of: GroupEffect}
    | {readonly kind: 'blocks'; readonly share: boolean; readonly of: BlockEffect};
}

/** Bins of a window that can prove that something held (research/statistics 3.8). */
export const MIN_WINDOW = 30;

/** Fewer cannot. A window begins and ends within a second: one of 30 s has 28 whole ones at least. */
export const MIN_BINS = MIN_WINDOW - 2;

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
