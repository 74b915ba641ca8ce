import {MIN_BINS} from '../least.js';
import type {CumulativeCounts} from '../../quantities/prometheus/classic-histogram.js';
import {compareBucketQuantiles} from '../effects/bucket-quantiles.js';
import {directionsOf, heldLevel, turned, type Comparison, type ComparisonRules} from './comparison.js';
import {quantileDirections} from './directions.js';

/** Compares a quantile of a classic histogram over all observations. Missing bins are null. */
export function compareBuckets(
  {
    baseline,
    fault,
    quantile,
  }: {
    readonly baseline: readonly (CumulativeCounts | null)[];
    readonly fault: readonly (CumulativeCounts | null)[];
    readonly quantile: number;
  },
  rules: ComparisonRules,
): Comparison | undefined {
  const [before, after] = [baseline, fault].map(bins => bins.filter(bin => bin !== null));
  const effect = compareBucketQuantiles(before ?? [], after ?? [], {
    quantile,
    alpha: heldLevel(rules.alpha),
    random: rules.random,
  });
  if (effect === undefined) return undefined;
  const directions = quantileDirections(effect, rules);
  // No window is long enough where the allowed change lies inside what the buckets leave open.
  const isTooCoarse = directionsOf(rules.worse).some((worse, i) => {
    const {lower, upper} = turned({estimate: effect.log.estimate, ...effect.grain}, worse);
    const margin = directions[i]?.margin ?? Infinity;
    return lower <= margin && upper >= margin;
  });
  const values = Math.min(before?.length ?? 0, after?.length ?? 0);
  const missing = (all: readonly unknown[], some: readonly unknown[] | undefined) =>
    all.length === 0 ? 0 : 1 - (some?.length ?? 0) / all.length;
  return {
    directions,
    values,
    endless: isTooCoarse,
    effective: effect.beyond,
    least: MIN_BINS,
    missing: Math.max(missing(baseline, before), missing(fault, after)),
    effect: {kind: 'latency', of: effect},
  };
}
