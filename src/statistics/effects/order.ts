/** Index of the first entry that is not below (or, with `above`, that is above) the value, in an ascending list. */
function bound(sorted: Float64Array, value: number, above: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = sorted[middle] ?? Infinity;
    if (entry < value || (above && entry === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

const ascending = (values: readonly number[]) => Float64Array.from(values).sort();

/**
 * Cliff's delta: P(fault > baseline) − P(fault < baseline) over all pairs, from −1 to 1, 0 when neither tends to be
 * higher (Cliff 1993). It has no unit; ties count for neither side. NaN when a list is empty.
 */
export function cliffsDelta(baseline: readonly number[], fault: readonly number[]): number {
  const sorted = ascending(baseline);
  const wins = fault.reduce(
    (sum, value) => sum + bound(sorted, value, false) - (sorted.length - bound(sorted, value, true)),
    0,
  );
  return wins / (baseline.length * fault.length);
}

/** How many differences y − x are at most `limit`; both lists ascending. */
function differencesUpTo(limit: number, xs: Float64Array, ys: Float64Array): number {
  let count = 0;
  let from = 0;
  for (const y of ys) {
    while (from < xs.length && y - (xs[from] ?? 0) > limit) from++;
    count += xs.length - from;
  }
  return count;
}

/** The smallest of all differences y − x that at least `rank` of them do not exceed. */
function differenceOfRank(rank: number, xs: Float64Array, ys: Float64Array): number {
  let low = (ys[0] ?? 0) - (xs.at(-1) ?? 0);
  let high = (ys.at(-1) ?? 0) - (xs[0] ?? 0);
  if (differencesUpTo(low, xs, ys) >= rank) return low;
  // Below `low` there are too few, up to `high` there are enough: halve until no other number fits between.
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (differencesUpTo(middle, xs, ys) >= rank) high = middle;
    else low = middle;
  }
}

/**
 * Hodges-Lehmann shift: the median of all differences fault − baseline, in the metric's unit (Hodges and Lehmann 1963).
 * How much a typical value moved; outliers hardly move it. O((n + m)·64), without forming the n·m differences. NaN when
 * a list is empty.
 */
export function hodgesLehmann(baseline: readonly number[], fault: readonly number[]): number {
  const pairs = baseline.length * fault.length;
  if (pairs === 0) return NaN;
  const xs = ascending(baseline);
  const ys = ascending(fault);
  const upper = differenceOfRank(Math.floor(pairs / 2) + 1, xs, ys);
  return pairs % 2 === 1 ? upper : (differenceOfRank(pairs / 2, xs, ys) + upper) / 2;
}
