import {MIN_BINS} from '../least.js';
import {compareCounts, type CountBin} from '../effects/counts.js';
import {directionsOf, heldLevel, provenWithin, type Comparison, type ComparisonRules} from './comparison.js';

/** Compares the shares of failures. Allowed and critical changes are differences of shares. */
export function compareShares(
  {baseline, fault, missing = 0}: {baseline: readonly CountBin[]; fault: readonly CountBin[]; missing?: number},
  rules: ComparisonRules,
): Comparison | undefined {
  const effect = compareCounts(baseline, fault, heldLevel(rules.alpha));
  if (effect === undefined) return undefined;
  const interval = {estimate: effect.difference.estimate, limits: effect.limits};
  const directions = directionsOf(rules.worse).map(worse => {
    const chance = worse === 'higher' ? effect.chanceAbove(rules.by) : effect.chanceBelow(-rules.by);
    return {...provenWithin(interval, rules, worse), margin: rules.by, critical: rules.critical, chance};
  });
  const seconds = Math.min(baseline.length, fault.length);
  return {
    directions,
    values: seconds,
    effective: Infinity,
    least: MIN_BINS,
    missing,
    effect: {kind: 'counts', of: effect},
  };
}
