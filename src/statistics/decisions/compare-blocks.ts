import {switchbackTest} from '../designs/switchback.js';
import {fromScale, marginOf, onScale, scaleOf} from '../effects/scale.js';
import {hasTrend} from '../series/trend.js';
import {meanOf} from '../series/variance.js';
import {directionsOf, heldLevel, provenWithin, type Comparison, type ComparisonRules} from './comparison.js';
import type {MeasuredBlock} from './metric.js';

/** A share of the blocks with the fault on, or off, in which nothing was measured. */
function missingIn(blocks: readonly MeasuredBlock[]): number {
  const shares = [true, false].map(on => {
    const some = blocks.filter(block => block.on === on);
    return some.length === 0 ? 1 : some.filter(({value}) => value === null).length / some.length;
  });
  return Math.max(...shares);
}

/**
 * Compares the blocks of a switchback with the fault on and off by the exact test of their random order. Undefined
 * without blocks of both kinds.
 */
export function compareBlocks(
  {blocks, share}: {blocks: readonly MeasuredBlock[]; share: boolean},
  rules: ComparisonRules,
): Comparison | undefined {
  const known = blocks.flatMap(({on, value}) => (value === null ? [] : [{on, value}]));
  const values = known.map(({value}) => value);
  const {absolute} = rules;
  const scale = share || absolute === true ? 'level' : scaleOf(values);
  const scaled = onScale(values, scale);
  const off = known.flatMap(({on, value}) => (on ? [] : [value]));
  const test = (sign: 1 | -1) =>
    switchbackTest(
      known.map(({on}, i) => ({on, mean: sign * (scaled[i] ?? 0)})),
      heldLevel(rules.alpha),
      rules.random,
    );
  const margin = (by: number, worse: 'higher' | 'lower') =>
    share ? by : marginOf(by, worse, {scale, baseline: off, absolute});
  const directions = directionsOf(rules.worse).flatMap(worse => {
    const tested = test(worse === 'higher' ? 1 : -1);
    if (tested === undefined) return [];
    const {chanceAbove} = tested;
    const allowed = margin(rules.by, worse);
    const critical = margin(rules.critical, worse);
    const interval = provenWithin(tested, rules, 'higher');
    return [{...interval, margin: allowed, critical, chance: chanceAbove(allowed)}];
  });
  const up = test(1);
  if (up === undefined) return undefined;
  const typical = (wanted: boolean) =>
    fromScale(meanOf(known.flatMap(({on}, i) => (on === wanted ? [scaled[i] ?? 0] : []))), scale);
  const {estimate, lower, upper, leastChance} = up;
  return {
    directions,
    values: known.length,
    effective: Infinity,
    // The test is exact for any number of blocks: too few of them have limits without an end.
    least: 0,
    missing: missingIn(blocks),
    endless: hasTrend(scaled),
    effect: {
      kind: 'blocks',
      share,
      of: {scale, estimate, lower, upper, leastChance, from: typical(false), to: typical(true)},
    },
  };
}
