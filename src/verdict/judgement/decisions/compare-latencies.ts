import {drawQuantile} from '../effects/bootstrap.js';
import type {LatencySecond} from '../effects/latency-table.js';
import {compareQuantiles} from '../effects/quantiles.js';
import {marginOf} from '../effects/scale.js';
import {
  directionsOf,
  longestOf,
  MIN_BINS,
  turned,
  windowFor,
  type Comparison,
  type ComparisonRules,
} from './comparison.js';

/** Compares a quantile over all requests. */
export function compareLatencies(
  {baseline, fault, quantile}: {baseline: readonly LatencySecond[]; fault: readonly LatencySecond[]; quantile: number},
  rules: ComparisonRules,
): Comparison | undefined {
  const before = drawQuantile(baseline, quantile, rules.random);
  const after = drawQuantile(fault, quantile, rules.random);
  const effect = before && after && compareQuantiles(before, after, rules.alpha);
  if (effect === undefined) return undefined;
  const scale = {scale: 'ratio' as const, baseline: []};
  const directions = directionsOf(rules.worse).map(worse => {
    const margin = marginOf(rules.by, worse, scale);
    const chance = worse === 'higher' ? effect.chanceAbove(margin) : effect.chanceBelow(-margin);
    return {...turned(effect.log, worse), margin, critical: marginOf(rules.critical, worse, scale), chance};
  });
  const seconds = Math.min(baseline.length, fault.length);
  return {
    directions,
    settles: () => longestOf(directions.map(one => windowFor(seconds, one))),
    values: seconds,
    effective: effect.beyond,
    least: MIN_BINS,
    missing: 0,
    effect: {kind: 'latency', of: effect},
  };
}
