import {MIN_BINS} from '../least.js';
import {compareCapacities} from '../capacity/capacity.js';
import type {FlowSecond} from '../capacity/usl.js';
import {sweepCapacity, sweepOf} from '../capacity/sweep.js';
import {directionsOf, heldLevel, provenWithin, type Comparison, type ComparisonRules} from './comparison.js';

/**
 * Compares the highest throughputs that a load with a swept rate shows; allowed and critical changes are shares of the
 * baseline's.
 */
export function compareSweeps(
  {baseline, fault}: {baseline: readonly FlowSecond[]; fault: readonly FlowSecond[]},
  rules: ComparisonRules,
): Comparison | undefined {
  const before = sweepCapacity(sweepOf(baseline), rules.random);
  const after = sweepCapacity(sweepOf(fault), rules.random);
  const effect = before && after && compareCapacities(before, after, heldLevel(rules.alpha));
  if (effect === undefined) return undefined;
  const share = (change: number) => (rules.absolute === true ? change / effect.baseline : change);
  const [by, critical] = [share(rules.by), share(rules.critical)];
  const directions = directionsOf(rules.worse).map(worse => {
    const chance = worse === 'higher' ? effect.chanceOfMore(by) : effect.chanceOfLess(by);
    return {
      ...provenWithin({estimate: effect.relative.estimate, limits: effect.limits}, rules, worse),
      margin: by,
      critical,
      chance,
    };
  });
  const seconds = Math.min(baseline.length, fault.length);
  return {
    directions,
    values: seconds,
    effective: Infinity,
    least: MIN_BINS,
    missing: 0,
    effect: {kind: 'capacity', of: effect},
  };
}
