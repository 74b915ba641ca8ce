import type {Random} from '../../quantities/random.js';
import {inPieces, noiseOf, spreadOfMeans, type Spread} from '../series/noise.js';
import {standardDeviation} from '../series/variance.js';
import {beyondPerPiece, columnOf, narrowed, tableOf, type LatencySecond, type LatencyTable} from './latency-table.js';

/** How many times a window is drawn again. */
export const RESAMPLES = 999;

/** A window that was drawn again and again, of which a number was read off each time. */
export interface RedrawnWindow {
  /** The number of each draw, in the order they were drawn; Infinity where it had none. */
  readonly logs: Float64Array;
  /**
   * What decides whether the number is higher, piece by piece: requests beyond the quantile, minus the share that is
   * expected there.
   */
  readonly pieces: readonly number[];
  /** Seconds that make a piece. */
  readonly perPiece: number;
}

/** A quantile of a window and what it might as well have been: `logs` are ln of µs. */
export interface QuantileDraws extends RedrawnWindow {
  /** µs; Infinity when it falls among the unanswered requests. */
  readonly estimate: number;
  readonly requests: number;
  /** How many requests are beyond the quantile. */
  readonly beyond: number;
}

/** The standard deviation of the draws that have a number. */
function spreadOf({logs}: RedrawnWindow): number {
  const spread = standardDeviation(Array.from(logs.filter(Number.isFinite)));
  return Number.isFinite(spread) ? spread : 0;
}

/**
 * The error of what was read off over that of the mean of the pieces, were they independent: how the one follows from
 * the other (delta method).
 */
export function errorFactor(window: RedrawnWindow): number {
  const independent = standardDeviation(window.pieces) / Math.sqrt(window.pieces.length);
  return independent > 0 ? spreadOf(window) / independent : 0;
}

/**
 * How far the difference of two redrawn windows is spread, as drawn and as it really is: pieces are drawn as if each
 * were independent of the one before, so the spread of each window is multiplied by what the noise of its pieces makes
 * of the error of their mean (delta method).
 */
export function wideningOf(windows: readonly RedrawnWindow[]): {readonly drawn: number; readonly real: Spread} {
  const longest = Math.max(...windows.map(({perPiece}) => perPiece));
  const noise = noiseOf(windows.map(({pieces, perPiece}) => inPieces(pieces, Math.round(longest / perPiece))));
  return {drawn: Math.hypot(...windows.map(spreadOf)), real: spreadOfMeans(noise, windows.map(errorFactor))};
}

/** What is read off each of the redrawn windows, which get their counts by column. */
export function redrawn(
  {values, columns, counts, starts}: LatencyTable,
  random: Random,
  read: (total: Float64Array) => number,
): Float64Array {
  const total = new Float64Array(values.length);
  const rows = starts.length - 1;
  const times = new Uint32Array(rows);
  return Float64Array.from({length: RESAMPLES}, () => {
    total.fill(0);
    times.fill(0);
    for (let taken = 0; taken < rows; taken++) {
      const row = Math.floor(random() * rows);
      times[row] = (times[row] ?? 0) + 1;
    }
    // Each row once, with how often it was drawn: more than a third were not.
    for (let row = 0; row < rows; row++) {
      const often = times[row] ?? 0;
      if (often === 0) continue;
      const end = starts[row + 1] ?? 0;
      for (let i = starts[row] ?? 0; i < end; i++) {
        const column = columns[i] ?? 0;
        total[column] = (total[column] ?? 0) + often * (counts[i] ?? 0);
      }
    }
    return read(total);
  });
}

/**
 * The q-quantile over all requests of some seconds, and how it would vary if the seconds were drawn again (Efron 1979).
 * A second has its requests together, so what they have in common stays together; what the seconds have in common is
 * for `wideningOf`. Undefined without requests.
 */
export function drawQuantile(seconds: readonly LatencySecond[], q: number, random: Random): QuantileDraws | undefined {
  const whole = tableOf(seconds);
  const requests = whole.total.reduce((sum, count) => sum + count, 0);
  if (requests === 0) return undefined;
  const at = columnOf(whole.total, q);
  const pieces = beyondPerPiece(whole, at, 1 - q);
  // Only columns within eight standard errors can become the quantile of a redrawn window.
  const error = (standardDeviation(pieces) * Math.sqrt(pieces.length)) / requests;
  const reach = 8 * (Number.isFinite(error) ? error : 1) + 2 / requests;
  const table = narrowed(
    whole,
    columnOf(whole.total, Math.max(0, q - reach)),
    columnOf(whole.total, Math.min(1, q + reach)),
  );
  const logs = redrawn(table, random, total => Math.log(table.values[columnOf(total, q)] ?? Infinity));
  return {
    estimate: whole.values[at] ?? Infinity,
    requests,
    beyond: Math.floor((1 - q) * requests),
    logs,
    pieces,
    perPiece: Math.ceil(seconds.length / pieces.length),
  };
}
