import {
  bucketOfQuantile,
  mergedCounts,
  quantileOfCounts,
  type CumulativeCounts,
} from '../../quantities/prometheus/classic-histogram.js';
import type {Random} from '../../quantities/random.js';
import {redrawn, RESAMPLES} from './bootstrap.js';
import {beyondPerPiece, tableFrom, type LatencyTable} from './latency-table.js';
import {LEVELS, noiseOf, reachOver, spreadOfMeans} from '../series/noise.js';
import {standardDeviation} from '../series/variance.js';
import type {QuantileEffect} from './quantiles.js';
import type {ConfidenceLimits} from './shift.js';

/** Between which bounds a value lies; the upper one may be Infinity. */
type BucketRange = readonly [low: number, high: number];

/** The quantile of a window of a classic histogram, and the buckets in which it might as well have been. */
interface BucketDraws {
  readonly estimate: number;
  readonly range: BucketRange;
  readonly ranges: readonly BucketRange[];
  readonly observations: number;
}

/** Longer windows are cut into this many pieces of equal length: more would only cost time. */
const MOST_PIECES = 300;

/** The bins as a table: a column for each bucket, a row for each bin, or for some of them. */
function tableOf(bins: readonly CumulativeCounts[], bounds: readonly number[]): LatencyTable {
  const size = Math.ceil(bins.length / MOST_PIECES);
  const nothing = {bounds, counts: bounds.map(() => 0)};
  return tableFrom(bounds, Math.ceil(bins.length / size), (piece, to) => {
    const {counts} = mergedCounts([nothing, ...bins.slice(piece * size, (piece + 1) * size)]) ?? nothing;
    counts.forEach((count, column) => (to[column] = Math.max(0, count - (counts[column - 1] ?? 0))));
  });
}

/** The first column up to which at least the share `q` lies. */
function columnAt(cumulative: Float64Array, q: number): number {
  const at = cumulative.findIndex(share => share > 0 && share >= q - 1e-9);
  return at === -1 ? cumulative.length - 1 : at;
}

function cumulativeOf(total: Float64Array): Float64Array {
  const all = total.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return total.map(count => (seen += count) / all);
}

/** How much wider than drawn the shares of a window are, because its pieces are not independent of each other. */
function wideningFor(pieces: readonly number[]): number {
  const independent = standardDeviation(pieces) / Math.sqrt(pieces.length);
  return reachOver(spreadOfMeans(noiseOf([pieces]), [1]), independent, LEVELS.far);
}

/**
 * The bins are drawn again, as for latencies of our own; the shares of redrawn windows are spread as far as their noise
 * asks for.
 */
function drawBuckets(bins: readonly CumulativeCounts[], q: number, random: Random): BucketDraws | undefined {
  const whole = mergedCounts(bins);
  const range = whole && bucketOfQuantile(whole, q);
  const estimate = whole && quantileOfCounts(whole, q);
  if (whole === undefined || range == null || estimate == null) return undefined;
  const {bounds} = whole;
  const table = tableOf(bins, bounds);
  const observations = whole.counts.at(-1) ?? 0;
  const usual = cumulativeOf(table.total);
  const widening = wideningFor(beyondPerPiece(table, columnAt(usual, q), 1 - q));
  const columns = redrawn(table, random, total => {
    const drawn = cumulativeOf(total);
    return columnAt(
      usual.map((share, column) => share + widening * ((drawn[column] ?? share) - share)),
      q,
    );
  });
  const lowest = Math.min(0, bounds[0] ?? 0);
  const ranges = Array.from(columns, column => [bounds[column - 1] ?? lowest, bounds[column] ?? Infinity] as const);
  return {estimate, range, ranges, observations};
}

/** ln(a/b) for bounds of which the lower may be zero and the upper infinite. */
function logRatio(a: number, b: number): number {
  if (a <= 0 || b === Infinity) return -Infinity;
  return b <= 0 || a === Infinity ? Infinity : Math.log(a / b);
}

/** How far apart values are that lie in these ranges: at least and at most. */
function apart(baseline: BucketRange, fault: BucketRange): {readonly least: number; readonly most: number} {
  return {least: logRatio(fault[0], baseline[1]), most: logRatio(fault[1], baseline[0])};
}

/** A quantile effect whose limits know no more than the bounds of the buckets. */
export interface BucketEffect extends QuantileEffect {
  /** What the buckets alone leave open, however long the windows: ln(1 + relative). */
  readonly grain: {readonly lower: number; readonly upper: number};
}

/**
 * Compares a quantile of a classic histogram over two windows. All that is known of an observation is its bucket, so of
 * each pair of redrawn windows the limits take the smallest and the largest change that the bounds of the two buckets
 * allow; the estimate is interpolated as by `histogram_quantile`. Values are in the metric's unit. Undefined where one
 * window has no observation.
 */
export function compareBucketQuantiles(
  baseline: readonly CumulativeCounts[],
  fault: readonly CumulativeCounts[],
  {quantile, alpha, random}: {readonly quantile: number; readonly alpha: number; readonly random: Random},
): BucketEffect | undefined {
  const before = drawBuckets(baseline, quantile, random);
  const after = drawBuckets(fault, quantile, random);
  if (before === undefined || after === undefined || before.estimate <= 0) return undefined;
  const pairs = after.ranges.map((range, i) => apart(before.ranges[i] ?? before.range, range));
  const least = Float64Array.from(pairs, pair => pair.least).sort();
  const most = Float64Array.from(pairs, pair => pair.most).sort();
  const limits = (level: number): ConfidenceLimits => {
    const tail = Math.max(0, Math.floor(level * (RESAMPLES + 1)) - 1);
    return {lower: least[tail] ?? -Infinity, upper: most[RESAMPLES - 1 - tail] ?? Infinity};
  };
  const grain = apart(before.range, after.range);
  const log = {
    estimate: Math.log(after.estimate / before.estimate),
    ...limits(alpha),
  };
  const beyond = Math.min(before.observations, after.observations) * (1 - quantile);
  return {
    baseline: before.estimate,
    fault: after.estimate,
    log,
    relative: {estimate: Math.expm1(log.estimate), lower: Math.expm1(log.lower), upper: Math.expm1(log.upper)},
    limits,
    chanceAbove: margin => share(least, difference => difference <= margin),
    chanceBelow: margin => share(most, difference => difference >= margin),
    beyond: Math.floor(beyond),
    grain: {lower: grain.least, upper: grain.most},
  };
}

/** The share of redrawn pairs that speak against a claim; never 0, because the data itself is one more draw. */
function share(differences: Float64Array, against: (difference: number) => boolean): number {
  return (differences.filter(against).length + 1) / (RESAMPLES + 1);
}
