import type {Bins} from './bins.js';
import {present} from './bins.js';

/** The mean, summed up from the first value on: exact for values that are all the same, NaN for none. */
export function meanOf(values: readonly number[]): number {
  const first = values[0] ?? NaN;
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length;
}

/** The standard deviation of a sample (divided by the count − 1). */
export function standardDeviation(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** What one window is made of, for the long-run variance: deviations from its mean, 0 where a bin is missing. */
export interface Deviations {
  /** One entry a bin, also for the missing ones. */
  readonly of: Float64Array;
  readonly mean: number;
  /** Bins with a value. */
  readonly count: number;
  /** Mean of the squared deviations (divided by the count, not the count − 1). */
  readonly variance: number;
  /** Sum of products of neighbours that both have a value, and how many such pairs there are. */
  readonly lagged: number;
  readonly pairs: number;
}

export function deviationsOf(bins: Bins): Deviations {
  const values = present(bins);
  const mean = meanOf(values);
  const of = new Float64Array(bins.length);
  let squares = 0;
  let lagged = 0;
  let pairs = 0;
  bins.forEach((value, i) => {
    if (value === null) return;
    const deviation = value - mean;
    of[i] = deviation;
    squares += deviation * deviation;
    const before = bins[i - 1];
    if (before === null || before === undefined) return;
    lagged += deviation * (before - mean);
    pairs++;
  });
  return {of, mean, count: values.length, variance: squares / values.length, lagged, pairs};
}

/**
 * First-order autocorrelation pooled over windows that share a noise but not a mean, corrected for its small-sample
 * bias (r + (1 + 3r)/T, Kendall 1954). Between 0 and 0.97: negative correlation would only narrow intervals.
 */
export function pooledCorrelation(windows: readonly Deviations[]): number {
  const covariance = sum(windows, one => one.lagged) / sum(windows, one => one.pairs);
  const variance = sum(windows, one => one.variance * one.count) / sum(windows, one => one.count);
  const raw = covariance / variance;
  const smallest = Math.min(...windows.map(one => one.count));
  const corrected = raw + (1 + 3 * raw) / smallest;
  return Number.isFinite(corrected) ? Math.min(0.97, Math.max(0, corrected)) : 0;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** How many cosines the long-run variance of T bins is estimated from: max(3, ⌊0.4·T^(2/3)⌋) (Lazarus et al. 2018). */
export function cosinesFor(length: number): number {
  return Math.max(3, Math.floor(0.4 * length ** (2 / 3)));
}

/**
 * Equal-weighted cosine estimate of the long-run variance Ω (Lazarus, Lewis, Stock, Watson 2018): the mean of the
 * squared projections √(2/T)·Σ yₜ·cos(π·j·(t − ½)/T), j = 1…B. Missing bins count as 0 deviation and T becomes the
 * number of present ones.
 */
export function cosineVariance({of, count}: Deviations): number {
  const length = of.length;
  const cosines = cosinesFor(count);
  let total = 0;
  for (let j = 1; j <= cosines; j++) {
    // cos((t + 1)·a) = 2·cos(a)·cos(t·a) − cos((t − 1)·a): two multiplications instead of a cosine each.
    const angle = (Math.PI * j) / length;
    const twice = 2 * Math.cos(angle);
    let before = Math.cos(angle / 2);
    let now = before;
    let projection = 0;
    for (const deviation of of) {
      projection += deviation * now;
      const next = twice * now - before;
      before = now;
      now = next;
    }
    total += projection * projection;
  }
  return (2 * total) / (cosines * count);
}

/**
 * Long-run variance of an AR(1) with this correlation: s²·(1 + r)/(1 − r), with s² corrected for what a correlated
 * window of T bins under-states (1 − vif/T, at least 0.2; Bayley and Hammersley 1946).
 */
export function autoregressiveVariance({variance, count}: Deviations, correlation: number): number {
  const inflation = (1 + correlation) / (1 - correlation);
  return (variance * inflation) / Math.max(0.2, 1 - inflation / count);
}

/**
 * Ω = max(cosine, AR(1)): conservative for white noise, and the only one of those tried that holds its level at high
 * correlation.
 */
export function longRunVariance(window: Deviations, correlation: number): number {
  return Math.max(cosineVariance(window), autoregressiveVariance(window, correlation));
}
