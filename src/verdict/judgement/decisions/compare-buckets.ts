import type {CumulativeCounts} from '../../../quantities/prometheus/classic-histogram.js';
import {compareBucketQuantiles} from '../effects/bucket-quantiles.js';
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
  const effect = compareBucketQuantiles(before ?? [], after ?? [], {quantile, ...rules});
  if (effect === undefined) return undefined;
  const scale = {scale: 'ratio' as const, baseline: []};
  const directions = directionsOf(rules.worse).map(worse => {
    const margin = marginOf(rules.by, worse, scale);
    const chance = worse === 'higher' ? effect.chanceAbove(margin) : effect.chanceBelow(-margin);
    const grain = turned({estimate: effect.log.estimate, ...effect.grain}, worse);
    return {...turned(effect.log, worse), margin, critical: marginOf(rules.critical, worse, scale), chance, grain};
  });
  const values = Math.min(before?.length ?? 0, after?.length ?? 0);
  const missing = (all: readonly unknown[], some: readonly unknown[] | undefined) =>
    all.length === 0 ? 0 : 1 - (some?.length ?? 0) / all.length;
  return {
    directions: directions.map(({grain: _, ...direction}) => direction),
    // No window is long enough where the allowed change lies inside what the buckets leave open.
    settles: () =>
      directions.some(({grain, margin}) => grain.lower <= margin && grain.upper >= margin)
        ? null
        : longestOf(directions.map(one => windowFor(values, one))),
    values,
    effective: effect.beyond,
    least: MIN_BINS,
    missing: Math.max(missing(baseline, before), missing(fault, after)),
    effect: {kind: 'latency', of: effect},
  };
}
