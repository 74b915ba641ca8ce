import {windowToSettle} from '../effects/detectable.js';
import {effectOf} from '../effects/effect.js';
import {marginOf, onScale, scaleOf} from '../effects/scale.js';
import {chanceAbove, limitsOf} from '../effects/shift.js';
import {missingShare, present, type Bins} from '../series/bins.js';
import {directionsOf, longestOf, MIN_BINS, turned, type Comparison, type ComparisonRules} from './comparison.js';

/** Compares the means of a metric's bins. */
export function compareBins(
  {baseline, fault}: {baseline: Bins; fault: Bins},
  rules: ComparisonRules,
): Comparison | undefined {
  const scale = scaleOf(baseline, fault);
  const effect = effectOf(baseline, fault, {alpha: rules.alpha, scale});
  if (effect === undefined) return undefined;
  const {shift} = effect;
  const interval = {estimate: shift.estimate, ...limitsOf(shift, rules.alpha)};
  const directions = directionsOf(rules.worse).map(worse => {
    const margin = marginOf(rules.by, worse, {scale, baseline});
    const towards = turned(interval, worse);
    const chance = chanceAbove({...shift, estimate: towards.estimate}, margin);
    return {...towards, margin, critical: marginOf(rules.critical, worse, {scale, baseline}), chance};
  });
  return {
    directions,
    settles: () =>
      longestOf(directions.map(({estimate, margin}) => windowToSettle({...shift, estimate}, margin, rules.alpha))),
    values: Math.min(present(baseline).length, present(fault).length),
    effective: Math.min(shift.baseline.effective, shift.fault.effective),
    missing: Math.max(missingShare(baseline), missingShare(fault)),
    least: MIN_BINS,
    series: {baseline: onScale(baseline, scale), fault: onScale(fault, scale)},
    effect: {kind: 'bins', of: effect},
  };
}
