import type {BinGrid} from './counter.js';
import {growthPerBin} from './growth.js';
import type {Life} from './life.js';
import {bySubject, keyOf} from './series.js';

/** How many observations were at most each bound; ascending, the last bound is Infinity. */
export interface CumulativeCounts {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** The upper bound of a `_bucket` series; NaN where its label `le` holds none. */
function boundOf({le = ''}: Life['labels']): number {
  return le === '+Inf' || le === 'Inf' ? Infinity : le.trim() === '' ? NaN : Number(le);
}

/** Bounds that all histograms have: those of one instance must not be missing in the sum. */
function commonBounds(buckets: readonly Life[]): readonly number[] {
  const histograms = new Map<string, Set<number>>();
  for (const {labels} of buckets) {
    const {le: _le, ...others} = labels;
    const key = keyOf(others);
    histograms.set(key, (histograms.get(key) ?? new Set()).add(boundOf(labels)));
  }
  return common([...histograms.values()]);
}

function common(sets: readonly ReadonlySet<number>[]): readonly number[] {
  const [first = new Set<number>(), ...others] = sets;
  return [...first].filter(bound => others.every(set => set.has(bound))).sort((a, b) => a - b);
}

/**
 * The observations of each bin, from all `_bucket` series. Each is differenced by itself, those with the same bound are
 * added, and counts are made monotonic (scrapes of different instances do not happen at once). A bin is missing when
 * one of its buckets is.
 */
export function countsPerBin(
  buckets: readonly Life[],
  grid: BinGrid,
  gapMs: number,
): readonly (CumulativeCounts | null)[] {
  const bounds = commonBounds(buckets);
  if (bounds.at(-1) !== Infinity) return new Array<null>(grid.bins).fill(null);
  const byBound = [...bySubject(buckets, 'le').values()];
  const perBound = bounds.map(bound =>
    growthPerBin(byBound.filter(([one]) => one !== undefined && boundOf(one.labels) === bound).flat(), grid, gapMs),
  );
  return Array.from({length: grid.bins}, (_, bin) => {
    const raw = perBound.map(counts => counts[bin] ?? null);
    if (raw.includes(null)) return null;
    let highest = 0;
    return {bounds, counts: raw.map(count => (highest = Math.max(highest, count ?? 0)))};
  });
}

/** Adds the counts of several bins, at the bounds that all of them have; undefined for none. */
export function mergedCounts(bins: readonly CumulativeCounts[]): CumulativeCounts | undefined {
  if (bins.length === 0) return undefined;
  const bounds = common([...new Set(bins.map(bin => bin.bounds))].map(set => new Set(set)));
  const counts = new Float64Array(bounds.length);
  for (const bin of bins) {
    let at = 0;
    for (const [i, bound] of bin.bounds.entries()) {
      if (bound !== bounds[at]) continue;
      counts[at] = (counts[at] ?? 0) + (bin.counts[i] ?? 0);
      at++;
    }
  }
  return {bounds, counts: [...counts]};
}

/**
 * The bucket in which the q-quantile falls: more than nothing in it, and so many observations at or below its upper
 * bound. Null without observations.
 */
export function bucketOfQuantile(
  {bounds, counts}: CumulativeCounts,
  q: number,
): readonly [low: number, high: number] | null {
  const total = counts.at(-1) ?? 0;
  if (total <= 0) return null;
  const at = counts.findIndex(count => count > 0 && count >= q * total);
  return [bounds[at - 1] ?? Math.min(0, bounds[0] ?? 0), bounds[at] ?? Infinity];
}

/**
 * The q-quantile as PromQL's `histogram_quantile` has it: linear inside the bucket, from 0 in the lowest when its bound
 * is positive, and the second highest bound when it falls into `+Inf`. Null without observations.
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
