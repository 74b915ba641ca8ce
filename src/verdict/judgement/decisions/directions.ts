import {windowToSettle} from '../effects/detectable.js';
import type {QuantileEffect} from '../effects/quantiles.js';
import {marginOf} from '../effects/scale.js';
import {chanceAbove, limitsOf, type Shift} from '../effects/shift.js';
import {directionsOf, longestOf, turned, windowFor, type ComparisonRules, type Direction} from './comparison.js';

/** The directions of a shift of means; `margin` is the allowed change on its scale. */
export function shiftDirections(
  shift: Shift,
  {worse, by, critical, alpha}: ComparisonRules,
  margin: (by: number, worse: 'higher' | 'lower') => number,
): readonly Direction[] {
  const interval = {estimate: shift.estimate, ...limitsOf(shift, alpha)};
  return directionsOf(worse).map(one => {
    const towards = turned(interval, one);
    const allowed = margin(by, one);
    const chance = chanceAbove({...shift, estimate: towards.estimate}, allowed);
    return {...towards, margin: allowed, critical: margin(critical, one), chance};
  });
}

/** The window that would settle a shift of means. */
export function shiftSettles(shift: Shift, directions: readonly Direction[], alpha: number): number | null {
  return longestOf(directions.map(({estimate, margin}) => windowToSettle({...shift, estimate}, margin, alpha)));
}

/** The directions of a ratio of quantiles. */
export function quantileDirections(
  effect: Pick<QuantileEffect, 'log' | 'chanceAbove' | 'chanceBelow'>,
  {worse, by, critical}: ComparisonRules,
): readonly Direction[] {
  const scale = {scale: 'ratio' as const, baseline: []};
  return directionsOf(worse).map(one => {
    const margin = marginOf(by, one, scale);
    const chance = one === 'higher' ? effect.chanceAbove(margin) : effect.chanceBelow(-margin);
    return {...turned(effect.log, one), margin, critical: marginOf(critical, one, scale), chance};
  });
}

/** The window that would settle what was compared over so many values: each reach shrinks with the root of their number. */
export function valuesSettle(values: number, directions: readonly Direction[]): number | null {
  return longestOf(directions.map(one => windowFor(values, one)));
}
