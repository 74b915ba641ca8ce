import type {Random} from '../../../quantities/random.js';
import {normalQuantile} from '../distributions/normal.js';
import {studentQuantile} from '../distributions/student.js';
import {cosinesFor, deviationsOf, longRunVariance, pooledCorrelation} from '../series/variance.js';
import {beyondPerPiece, columnOf, narrowed, tableOf, type LatencySecond, type LatencyTable} from './latency-table.js';

/** How many times a window is drawn again. */
export const RESAMPLES = 999;

/** A quantile of a window and what it might as well have been. */
export interface QuantileDraws {
  /** µs; Infinity when it falls among the unanswered requests. */
  readonly estimate: number;
  readonly requests: number;
  /** How many requests are beyond the quantile. */
  readonly beyond: number;
  /** ln of the quantiles of the redrawn windows, in the order they were drawn. */
  readonly logs: Float64Array;
}

/**
 * Length of the blocks in pieces: ⌈n^(1/3)·(2ρ/(1 − ρ²))^(2/3)⌉, from 1 to n/5 (Carlstein 1986; research/statistics 3.0), with ρ the
 * correlation of what decides the quantile from one piece to the next.
 */
function blockLength(pieces: number, correlation: number): number {
  const wanted = Math.ceil(pieces ** (1 / 3) * ((2 * correlation) / (1 - correlation ** 2)) ** (2 / 3));
  return Math.max(1, Math.min(wanted, Math.floor(pieces / 5)));
}

/** Long-run variance that drawing blocks of this length reproduces: the mean square of the block sums over the length. */
function blockVariance(deviations: Float64Array, length: number): number {
  let total = 0;
  const starts = deviations.length - length + 1;
  for (let start = 0; start < starts; start++) {
    let sum = 0;
    for (let i = start; i < start + length; i++) sum += deviations[i] ?? 0;
    total += (sum * sum) / length;
  }
  return total / starts;
}

/** How the windows of a quantile are drawn again. */
export interface Blocks {
  readonly length: number;
  /** Standard error of the share of requests beyond the quantile. */
  readonly error: number;
  /** How much wider the draws must be than blocks of this length make them. */
  readonly widening: number;
}

/** How much wider than normal the draws of a window of so many pieces are made: their variance is estimated from few cosines. */
export function wideningFor(pieces: number): number {
  return studentQuantile(0.99, cosinesFor(pieces)) / normalQuantile(0.99);
}

/**
 * Blocks of a short correlated window are too few and too alike, so that a plain block bootstrap at 1 % is wrong in 2 to 4 %. The
 * draws are therefore spread by √(Ω/Ω of the blocks)·t/z: the variance and degrees of freedom of `longRunVariance`.
 */
export function blocksFor(beyond: readonly number[], requests: number): Blocks {
  const deviations = deviationsOf(beyond);
  const correlation = pooledCorrelation([deviations]);
  const length = blockLength(beyond.length, correlation);
  const omega = longRunVariance(deviations, correlation);
  const drawn = blockVariance(deviations.of, length);
  const quantiles = wideningFor(beyond.length);
  return {
    length,
    error: Math.sqrt(omega * beyond.length) / requests,
    widening: drawn > 0 ? Math.max(1, Math.sqrt(omega / drawn)) * quantiles : quantiles,
  };
}

/** What is read off each of the redrawn windows, which get their counts by column. */
export function redrawn(
  {values, rows}: LatencyTable,
  {length, random}: {length: number; random: Random},
  read: (total: Float64Array) => number,
): Float64Array {
  const total = new Float64Array(values.length);
  const {columns, counts, starts} = flat(rows);
  return Float64Array.from({length: RESAMPLES}, () => {
    total.fill(0);
    for (let taken = 0; taken < rows.length; taken += length) {
      const start = Math.floor(random() * (rows.length - length + 1));
      const end = starts[start + Math.min(length, rows.length - taken)] ?? 0;
      for (let i = starts[start] ?? 0; i < end; i++) {
        const column = columns[i] ?? 0;
        total[column] = (total[column] ?? 0) + (counts[i] ?? 0);
      }
    }
    return read(total);
  });
}

/** The rows one behind the other, and where each begins: a block of rows is one stretch, and the inner loop of the bootstrap touches nothing else. */
function flat(rows: LatencyTable['rows']) {
  const entries = rows.flat();
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => (starts[i + 1] = (starts[i] ?? 0) + row.length));
  return {
    columns: Uint32Array.from(entries, ([column]) => column),
    counts: Float64Array.from(entries, ([, count]) => count),
    starts,
  };
}

/**
 * The q-quantile over all requests of some seconds, and how it would vary, by a moving-block bootstrap over the seconds (Künsch 1989).
 * A second has its requests together, so what they have in common stays together. Undefined without requests.
 */
export function drawQuantile(seconds: readonly LatencySecond[], q: number, random: Random): QuantileDraws | undefined {
  const whole = tableOf(seconds);
  const requests = whole.total.reduce((sum, count) => sum + count, 0);
  if (requests === 0) return undefined;
  const at = columnOf(whole.total, q);
  const blocks = blocksFor(beyondPerPiece(whole, at, 1 - q), requests);
  // Only columns within eight standard errors can become the quantile of a redrawn window.
  const reach = 8 * blocks.error + 2 / requests;
  const table = narrowed(
    whole,
    columnOf(whole.total, Math.max(0, q - reach)),
    columnOf(whole.total, Math.min(1, q + reach)),
  );
  const estimate = whole.values[at] ?? Infinity;
  const centre = Math.log(estimate);
  const logs = redrawn(table, {length: blocks.length, random}, total => {
    const log = Math.log(table.values[columnOf(total, q)] ?? Infinity);
    return Number.isFinite(log) && Number.isFinite(centre) ? centre + blocks.widening * (log - centre) : log;
  });
  return {estimate, requests, beyond: Math.floor((1 - q) * requests), logs};
}
