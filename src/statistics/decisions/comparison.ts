import type {Random} from '../../quantities/random.js';
import type {CapacityEffect} from '../capacity/capacity.js';
import type {CountEffect} from '../effects/counts.js';
import type {Effect} from '../effects/effect.js';
import type {QuantileEffect} from '../effects/quantiles.js';
import type {Scale} from '../effects/scale.js';
import type {ConfidenceLimits, Shift} from '../effects/shift.js';
import type {Bins} from '../series/bins.js';
import {LEVELS} from '../series/noise.js';

/** One direction of a comparison, turned so that a positive number is worse; on the scale of the comparison. */
export interface ComparedDirection {
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
  /**
   * Mean of the on blocks minus mean of the off blocks, on the scale, with one-sided limits by inverting the exact
   * test.
   */
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
  readonly directions: readonly ComparedDirection[];
  /** Values in the smaller window, and independent ones; Infinity where the method does not count them. */
  readonly values: number;
  readonly effective: number;
  /** Values that a proof of "held" needs. */
  readonly least: number;
  /** The larger share of missing bins of the two windows. */
  readonly missing: number;
  /** Both windows bin by bin on the scale of the comparison, where a change in a part of one can be looked for. */
  readonly series?: {readonly baseline: Bins; readonly fault: Bins};
  /**
   * No length of the windows settles it: what was compared rises or falls all the time, or the allowed change lies
   * inside a bucket.
   */
  readonly endless?: boolean;
  readonly effect:
    | {readonly kind: 'bins'; readonly of: Effect}
    | {readonly kind: 'counts'; readonly of: CountEffect}
    | {readonly kind: 'latency'; readonly of: QuantileEffect}
    | {readonly kind: 'capacity'; readonly of: CapacityEffect}
    | {readonly kind: 'groups'; readonly share: boolean; readonly of: GroupEffect}
    | {readonly kind: 'blocks'; readonly share: boolean; readonly of: BlockEffect};
}

export interface ComparisonRules {
  readonly worse: 'higher' | 'lower' | 'either';
  /** Allowed change: relative (0.1 = 10 %), or of a share for counts. */
  readonly by: number;
  /** Change from which it is a failure. */
  readonly critical: number;
  /** Both are differences in the metric's unit. Not for counts. */
  readonly absolute?: boolean | undefined;
  /** How often "worse than allowed" may be proven wrongly; "held" may be five times as often, see `heldLevel`. */
  readonly alpha: number;
  readonly random: Random;
}

/**
 * How many times as often a "held" may be wrong as a "deviated": a false alarm costs trust, and a proof at the same
 * level is seldom had.
 */
const HELD_TIMES = LEVELS.near / LEVELS.far;

/** The level at which "held" is proven, and of the interval that is told. */
export function heldLevel(alpha: number): number {
  return Math.min(0.5, HELD_TIMES * alpha);
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

/** A direction's interval: its lower end proves a deviation, its upper end that it held, each at a level of its own. */
export function provenWithin(
  {estimate, limits}: {readonly estimate: number; readonly limits: (alpha: number) => ConfidenceLimits},
  {alpha}: Pick<ComparisonRules, 'alpha'>,
  worse: 'higher' | 'lower',
): Pick<ComparedDirection, 'estimate' | 'lower' | 'upper'> {
  const {lower} = turned({estimate, ...limits(alpha)}, worse);
  return {...turned({estimate, ...limits(heldLevel(alpha))}, worse), lower};
}

/**
 * Whether it is proven that no more than what is allowed changed. Where nothing varies, exactly as much as allowed is
 * inside.
 */
export function isInside({estimate, upper, margin}: Pick<ComparedDirection, 'estimate' | 'upper' | 'margin'>): boolean {
  return upper < margin || (upper === estimate && upper === margin);
}
