/** A sample as Prometheus stores it. */
export interface RawSample {
  readonly atMs: number;
  readonly value: number;
}

/** By how much a counter grew between two scrapes. */
export interface Increase {
  readonly fromMs: number;
  readonly toMs: number;
  readonly by: number;
}

/**
 * The growth of one counter from scrape to scrape. A value below the one before is a restart: what is there has been
 * counted since. Two scrapes that are more than `gapMs` apart say nothing about when between them it grew: that time is
 * left out. Samples ordered by time; several series must be differenced one by one and then added, never the other way
 * round, or every restart looks like a jump.
 */
export function increasesOf(samples: readonly RawSample[], gapMs: number): readonly Increase[] {
  return samples.slice(1).flatMap((sample, i) => {
    const before = samples[i];
    if (before === undefined || sample.atMs <= before.atMs || sample.atMs - before.atMs > gapMs) return [];
    const by = sample.value < before.value ? sample.value : sample.value - before.value;
    return Number.isFinite(by) && by >= 0 ? [{fromMs: before.atMs, toMs: sample.atMs, by}] : [];
  });
}

/** A row of bins of equal length on the clock. */
export interface BinGrid {
  readonly fromMs: number;
  readonly binMs: number;
  readonly bins: number;
}

/** A bin counts as seen when at least this share of it lies between two scrapes. */
const MIN_COVERED = 0.5;

/**
 * The growth of one series in each bin: what grew between two scrapes is spread evenly over the time between them. A
 * bin of which less than half is covered is missing; one that is covered in part is scaled up. Bins shorter than the
 * distance of the scrapes hold no more than these say.
 */
export function increasePerBin(
  increases: readonly Increase[],
  {fromMs, binMs, bins}: BinGrid,
): readonly (number | null)[] {
  const grown = new Float64Array(bins);
  const covered = new Float64Array(bins);
  for (const increase of increases) {
    const lasted = increase.toMs - increase.fromMs;
    const first = Math.max(0, Math.floor((increase.fromMs - fromMs) / binMs));
    const last = Math.min(bins - 1, Math.ceil((increase.toMs - fromMs) / binMs) - 1);
    for (let bin = first; bin <= last; bin++) {
      const start = fromMs + bin * binMs;
      const overlap = Math.min(increase.toMs, start + binMs) - Math.max(increase.fromMs, start);
      grown[bin] = (grown[bin] ?? 0) + (increase.by * overlap) / lasted;
      covered[bin] = (covered[bin] ?? 0) + overlap;
    }
  }
  return Array.from(grown, (by, bin) => {
    const share = (covered[bin] ?? 0) / binMs;
    return share >= MIN_COVERED ? by / share : null;
  });
}

/**
 * Adds the bins of several series. A series counts from its first to its last seen bin (instances come and go); inside
 * that time a bin that one of them misses is missing for all, because a sum without it would be a drop that never
 * happened. `unseen` says of a series whether it was there before its first seen bin, and is still there after its last
 * one, although nobody saw it. Bins with no series are missing.
 */
export function sumOfSeries(
  series: readonly (readonly (number | null)[])[],
  unseen: readonly {readonly before: boolean; readonly after: boolean}[] = [],
): readonly (number | null)[] {
  const lives = series.map((bins, i) => {
    const first = bins.findIndex(value => value !== null);
    const last = bins.findLastIndex(value => value !== null);
    const {before = false, after = false} = unseen[i] ?? {};
    return {bins, first: before ? 0 : after ? Math.max(0, first) : first, last: after ? Infinity : last};
  });
  const length = Math.max(0, ...series.map(bins => bins.length));
  return Array.from({length}, (_, bin) => {
    const alive = lives.filter(({first, last}) => first !== -1 && bin >= first && bin <= last);
    return alive.reduce<number | null>(
      (sum, {bins}) => {
        const value = bins[bin] ?? null;
        return sum === null || value === null ? null : sum + value;
      },
      alive.length === 0 ? null : 0,
    );
  });
}
