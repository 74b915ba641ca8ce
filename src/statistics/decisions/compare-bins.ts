import {MIN_BINS} from '../least.js';
import {effectOf} from '../effects/effect.js';
import {marginOf, onScale, scaleOf} from '../effects/scale.js';
import {missingShare, present, type Bins} from '../series/bins.js';
import {heldLevel, type Comparison, type ComparisonRules} from './comparison.js';
import {shiftDirections} from './directions.js';

/** Compares the means of a metric's bins. */
export function compareBins(
  {baseline, fault}: {baseline: Bins; fault: Bins},
  rules: ComparisonRules,
): Comparison | undefined {
  const {absolute} = rules;
  const scale = absolute === true ? 'level' : scaleOf(baseline, fault);
  const effect = effectOf(baseline, fault, {alpha: heldLevel(rules.alpha), scale});
  if (effect === undefined) return undefined;
  const {shift} = effect;
  const directions = shiftDirections(shift, rules, (by, worse) => marginOf(by, worse, {scale, baseline, absolute}));
  return {
    directions,
    values: Math.min(present(baseline).length, present(fault).length),
    effective: Math.min(shift.baseline.effective, shift.fault.effective),
    missing: Math.max(missingShare(baseline), missingShare(fault)),
    least: MIN_BINS,
    series: {baseline: onScale(baseline, scale), fault: onScale(fault, scale)},
    effect: {kind: 'bins', of: effect},
  };
}
