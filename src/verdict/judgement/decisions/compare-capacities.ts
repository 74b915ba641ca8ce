import {compareCapacities} from '../capacity/capacity.js';
import type {FlowSecond} from '../capacity/flow.js';
import {sweepCapacity, sweepOf} from '../capacity/sweep.js';
import {directionsOf, MIN_BINS, turned, type Comparison, type ComparisonRules} from './comparison.js';
import {valuesSettle} from './directions.js';

/** Compares the highest throughputs that a load with a swept rate shows; allowed and critical changes are shares of the baseline's. */
export function compareSweeps(
  {baseline, fault}: {baseline: readonly FlowSecond[]; fault: readonly FlowSecond[]},
  rules: ComparisonRules,
): Comparison | undefined {
  const before = sweepCapacity(sweepOf(baseline), rules.random);
  const after = sweepCapacity(sweepOf(fault), rules.random);
  const effect = before && after && compareCapacities(before, after, rules.alpha);
  if (effect === undefined) return undefined;
  const directions = directionsOf(rules.worse).map(worse => {
    const chance = worse === 'higher' ? effect.chanceOfMore(rules.by) : effect.chanceOfLess(rules.by);
    return {...turned(effect.relative, worse), margin: rules.by, critical: rules.critical, chance};
  });
  const seconds = Math.min(baseline.length, fault.length);
  return {
    directions,
    settles: () => valuesSettle(seconds, directions),
    values: seconds,
    effective: Infinity,
    least: MIN_BINS,
    missing: 0,
    effect: {kind: 'capacity', of: effect},
  };
}
