import {compareCounts, type CountBin} from '../effects/counts.js';
import {directionsOf, MIN_BINS, turned, type Comparison, type ComparisonRules} from './comparison.js';
import {valuesSettle} from './directions.js';

/** Compares the shares of failures. Allowed and critical changes are differences of shares. */
export function compareShares(
  {baseline, fault, missing = 0}: {baseline: readonly CountBin[]; fault: readonly CountBin[]; missing?: number},
  rules: ComparisonRules,
): Comparison | undefined {
  const effect = compareCounts(baseline, fault, rules.alpha);
  if (effect === undefined) return undefined;
  const {estimate, lower} = effect.difference;
  const interval = {estimate, lower, upper: effect.provenUpper};
  const directions = directionsOf(rules.worse).map(worse => {
    const chance = worse === 'higher' ? effect.chanceAbove(rules.by) : effect.chanceBelow(-rules.by);
    return {...turned(interval, worse), margin: rules.by, critical: rules.critical, chance};
  });
  const seconds = Math.min(baseline.length, fault.length);
  return {
    directions,
    settles: () => valuesSettle(seconds, directions),
    values: seconds,
    effective: Infinity,
    least: MIN_BINS,
    missing,
    effect: {kind: 'counts', of: effect},
  };
}
