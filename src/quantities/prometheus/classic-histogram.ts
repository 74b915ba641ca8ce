import {increasePerBin, increasesOf, sumOfSeries, type BinGrid, type RawSample} from './counter.js';

/** One `_bucket` series: how many observations were at most `le`. */
export interface BucketSeries {
  /** Upper bound; Infinity for `+Inf`. */
  readonly le: number;
  readonly samples: readonly RawSample[];
}

/** How many observations of a bin were at most each bound; ascending, the last bound is Infinity. */
export interface CumulativeCounts {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/**
 * The observations of each bin, from the raw samples of all buckets of all series. Each bucket is differenced by itself, those with the same bound are added, and
 * counts are made monotonic (scrapes of different instances do not happen at once). A bin is missing when one of its buckets is.
 */
export function countsPerBin(
  buckets: readonly BucketSeries[],
  grid: BinGrid,
  gapMs: number,
): readonly (CumulativeCounts | null)[] {
  const bounds = [...new Set(buckets.map(({le}) => le))].sort((a, b) => a - b);
  if (bounds.at(-1) !== Infinity) return new Array<null>(grid.bins).fill(null);
  const perBound = bounds.map(bound =>
    sumOfSeries(
      buckets.filter(({le}) => le === bound).map(({samples}) => increasePerBin(increasesOf(samples, gapMs), grid)),
    ),
  );
  return Array.from({length: grid.bins}, (_, bin) => {
    const raw = perBound.map(counts => counts[bin] ?? null);
    if (raw.includes(null)) return null;
    let highest = 0;
    return {bounds, counts: raw.map(count => (highest = Math.max(highest, count ?? 0)))};
  });
}

/** Adds the counts of several bins with the same bounds; undefined for none. */
export function mergedCounts(bins: readonly CumulativeCounts[]): CumulativeCounts | undefined {
  const [first] = bins;
  if (first === undefined) return undefined;
  return {
    bounds: first.bounds,
    counts: first.bounds.map((_, i) => bins.reduce((sum, {counts}) => sum + (counts[i] ?? 0), 0)),
  };
}

/**
 * The q-quantile as PromQL's `histogram_quantile` has it: linear inside the bucket, from 0 in the lowest when its bound is positive, and
 * the second highest bound when it falls into `+Inf`. Null without observations.
 */
export function quantileOfCounts({bounds, counts}: CumulativeCounts, q: number): number | null {
  const total = counts.at(-1) ?? 0;
  if (total <= 0 || bounds.length < 2) return null;
  const rank = q * total;
  const at = counts.findIndex(count => count >= rank);
  const upper = bounds[at] ?? Infinity;
  if (upper === Infinity) return bounds.at(-2) ?? null;
  if (at === 0) return upper <= 0 ? upper : (upper * rank) / (counts[0] ?? 1);
  return between([bounds[at - 1] ?? 0, upper], [counts[at - 1] ?? 0, counts[at] ?? 0], rank);
}

/** Where a rank lies between two bounds with these cumulative counts, if what is between them is spread evenly. */
function between(
  [low, high]: readonly [number, number],
  [below, upTo]: readonly [number, number],
  rank: number,
): number {
  return upTo <= below ? low : low + ((high - low) * (rank - below)) / (upTo - below);
}
