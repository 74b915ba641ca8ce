/**
 * Latency histograms in the manner of HdrHistogram: log-linear buckets over whole microseconds. Values below 128 have a
 * bucket each; above, every power of two is cut into 64, so that a bucket is at most 1.6 % wide and its middle at
 * most 0.8 % off. Sparse on disk (`[bucket, count]` pairs in ascending order), so seconds merge by adding counts.
 */
export type SparseHistogram = readonly (readonly [bucket: number, count: number])[];

const LINEAR = 128;
const SUB_BUCKETS = 64;

/** The bucket of a latency in µs (clamped to 0 … 2^40). */
export function bucketOf(us: number): number {
  const value = Math.min(Math.max(0, Math.round(us)), 2 ** 40);
  if (value < LINEAR) return value;
  // Called for every request: whole numbers of 32 bits have their exponent in their leading zeros, and then come the
  // bits that tell the sub-bucket.
  if (value < 2 ** 31) {
    const exponent = 31 - Math.clz32(value);
    return LINEAR + (exponent - 8) * SUB_BUCKETS + (value >> (exponent - 6));
  }
  const exponent = Math.floor(Math.log2(value));
  const width = 2 ** (exponent - 6);
  return LINEAR + (exponent - 7) * SUB_BUCKETS + Math.floor((value - 2 ** exponent) / width);
}

/** The middle of a bucket, µs. */
export function bucketMiddle(bucket: number): number {
  if (bucket < LINEAR) return bucket;
  const exponent = 7 + Math.floor((bucket - LINEAR) / SUB_BUCKETS);
  const width = 2 ** (exponent - 6);
  return 2 ** exponent + ((bucket - LINEAR) % SUB_BUCKETS) * width + (width - 1) / 2;
}

/** Adds the counts of several histograms. */
export function mergeHistograms(parts: Iterable<SparseHistogram>): SparseHistogram {
  const counts = new Map<number, number>();
  for (const part of parts) for (const [bucket, count] of part) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

/**
 * A histogram in one stretch of memory, `bucket, count, bucket, count, …` in ascending order: hours of seconds are read
 * many times as fast as in pairs.
 */
export type FlatHistogram = readonly number[];

/** Adds the counts of several histograms into one stretch of memory. */
export function flatHistogram(parts: readonly SparseHistogram[]): FlatHistogram {
  const [only = []] = parts;
  const flat: number[] = [];
  for (const [bucket, count] of parts.length > 1 ? mergeHistograms(parts) : only) flat.push(bucket, count);
  return flat;
}

export function countOf(histogram: SparseHistogram): number {
  return histogram.reduce((sum, [, count]) => sum + count, 0);
}

/** The q-quantile (0 ≤ q ≤ 1) in µs by the nearest-rank definition; null for an empty histogram. */
export function quantileOf(histogram: SparseHistogram, q: number): number | null {
  const total = countOf(histogram);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  for (const [bucket, count] of histogram) {
    seen += count;
    if (seen >= rank) return bucketMiddle(bucket);
  }
  return null;
}

/** The mean in µs; null for an empty histogram. */
export function meanOf(histogram: SparseHistogram): number | null {
  const total = countOf(histogram);
  if (total === 0) return null;
  return histogram.reduce((sum, [bucket, count]) => sum + bucketMiddle(bucket) * count, 0) / total;
}
