import {MIN_BINS} from '../least.js';
import {drawQuantile} from '../effects/bootstrap.js';
import type {LatencySecond} from '../effects/latency-table.js';
import {compareQuantiles} from '../effects/quantiles.js';
import {heldLevel, type Comparison, type ComparisonRules} from './comparison.js';
import {quantileDirections} from './directions.js';

/** Compares a quantile over all requests. */
export function compareLatencies(
  {baseline, fault, quantile}: {baseline: readonly LatencySecond[]; fault: readonly LatencySecond[]; quantile: number},
  rules: ComparisonRules,
): Comparison | undefined {
  const before = drawQuantile(baseline, quantile, rules.random);
  const after = drawQuantile(fault, quantile, rules.random);
  const effect = before && after && compareQuantiles(before, after, heldLevel(rules.alpha));
  if (effect === undefined) return undefined;
  const directions = quantileDirections(effect, rules);
  const seconds = Math.min(baseline.length, fault.length);
  return {
    directions,
    values: seconds,
    effective: effect.beyond,
    least: MIN_BINS,
    missing: 0,
    effect: {kind: 'latency', of: effect},
  };
}
