import type {QuantileEffect} from '../effects/quantiles.js';
import {marginOf} from '../effects/scale.js';
import {chanceAbove, limitsOf, type Shift} from '../effects/shift.js';
import {directionsOf, provenWithin, type ComparisonRules, type ComparedDirection} from './comparison.js';

/** The directions of a shift of means; `margin` is the allowed change on its scale. */
export function shiftDirections(
  shift: Shift,
  {worse, by, critical, alpha}: ComparisonRules,
  margin: (by: number, worse: 'higher' | 'lower') => number,
): readonly ComparedDirection[] {
  const interval = {estimate: shift.estimate, limits: (level: number) => limitsOf(shift, level)};
  return directionsOf(worse).map(one => {
    const towards = provenWithin(interval, {alpha}, one);
    const allowed = margin(by, one);
    const chance = chanceAbove({...shift, estimate: towards.estimate}, allowed);
    return {...towards, margin: allowed, critical: margin(critical, one), chance};
  });
}

/** The directions of a ratio of quantiles. */
export function quantileDirections(
  effect: Pick<QuantileEffect, 'baseline' | 'log' | 'limits' | 'chanceAbove' | 'chanceBelow'>,
  {worse, by, critical, absolute, alpha}: ComparisonRules,
): readonly ComparedDirection[] {
  const scale = {scale: 'ratio' as const, baseline: [effect.baseline], absolute};
  return directionsOf(worse).map(one => {
    const margin = marginOf(by, one, scale);
    const chance = one === 'higher' ? effect.chanceAbove(margin) : effect.chanceBelow(-margin);
    const interval = provenWithin({estimate: effect.log.estimate, limits: effect.limits}, {alpha}, one);
    return {...interval, margin, critical: marginOf(critical, one, scale), chance};
  });
}
