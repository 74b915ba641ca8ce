import {bucketMiddle, bucketOf, type FlatHistogram} from '../../quantities/histogram.js';

/**
 * The latencies of one second: a histogram of the answered requests, and how many got no answer: slower than all
 * others.
 */
export interface LatencySecond {
  readonly histogram: FlatHistogram;
  readonly unanswered: number;
}

/** µs. Asked for again and again, second by second. */
const BUCKET_MIDDLES = Array.from({length: bucketOf(Infinity) + 1}, (_, bucket) => bucketMiddle(bucket));

/** Longer windows are cut into this many pieces of equal length: more would only cost time. */
const MOST_PIECES = 300;

/**
 * A window as counts: a column for each bucket, a row for each piece. The rows lie one behind the other, with only what
 * was counted.
 */
export interface LatencyTable {
  /** The value of each column, µs; the last is Infinity, for the unanswered. */
  readonly values: readonly number[];
  /** The rows added up. */
  readonly total: Float64Array;
  readonly columns: Uint32Array;
  readonly counts: Float64Array;
  /** Where each row begins in `columns` and `counts`, and where the last one ends. */
  readonly starts: Uint32Array;
}

/** The table of as many rows, each of which is added to counts of all columns that are 0 before. */
export function tableFrom(
  values: readonly number[],
  rows: number,
  add: (row: number, to: Float64Array) => void,
): LatencyTable {
  const total = new Float64Array(values.length);
  const columns = new Uint32Array(rows * values.length);
  const counts = new Float64Array(rows * values.length);
  const starts = new Uint32Array(rows + 1);
  const inRow = new Float64Array(values.length);
  let end = 0;
  for (let row = 0; row < rows; row++) {
    add(row, inRow);
    for (let column = 0; column < inRow.length; column++) {
      const count = inRow[column] ?? 0;
      if (count === 0) continue;
      columns[end] = column;
      counts[end++] = count;
      total[column] = (total[column] ?? 0) + count;
    }
    inRow.fill(0);
    starts[row + 1] = end;
  }
  return {values, total, columns: columns.slice(0, end), counts: counts.slice(0, end), starts};
}

/** The value of each column that these seconds need. */
function valuesOf(seconds: readonly LatencySecond[]): readonly number[] {
  const highest = seconds.reduce((most, {histogram}) => Math.max(most, histogram.at(-2) ?? 0), 0);
  return [...BUCKET_MIDDLES.slice(0, highest + 1), Infinity];
}

/** Adds the seconds to the counts of all columns. */
function addSeconds(seconds: readonly LatencySecond[], to: Float64Array): void {
  const last = to.length - 1;
  for (const {histogram, unanswered} of seconds) {
    for (let i = 0; i < histogram.length; i += 2) {
      const column = histogram[i] ?? 0;
      to[column] = (to[column] ?? 0) + (histogram[i + 1] ?? 0);
    }
    to[last] = (to[last] ?? 0) + unanswered;
  }
}

export function tableOf(seconds: readonly LatencySecond[]): LatencyTable {
  const size = Math.ceil(seconds.length / MOST_PIECES);
  return tableFrom(valuesOf(seconds), Math.ceil(seconds.length / size), (piece, to) =>
    addSeconds(seconds.slice(piece * size, (piece + 1) * size), to),
  );
}

/** The q-quantile over all requests of some seconds, µs: Infinity among the unanswered; undefined without requests. */
export function quantileOver(seconds: readonly LatencySecond[], q: number): number | undefined {
  const values = valuesOf(seconds);
  const total = new Float64Array(values.length);
  addSeconds(seconds, total);
  return total.every(count => count === 0) ? undefined : values[columnOf(total, q)];
}

/** The column in which the q-quantile falls (nearest rank). */
export function columnOf(counts: Float64Array, q: number): number {
  let total = 0;
  for (const count of counts) total += count;
  const rank = Math.max(1, Math.ceil(q * total - 1e-9));
  let seen = 0;
  for (let i = 0; i < counts.length; i++) {
    seen += counts[i] ?? 0;
    if (seen >= rank) return i;
  }
  return counts.length - 1;
}

/** The table with the columns below `from` and above `to` summed up into these two. */
export function narrowed({values, columns, counts, starts}: LatencyTable, from: number, to: number): LatencyTable {
  return tableFrom(values.slice(from, to + 1), starts.length - 1, (row, into) => {
    const end = starts[row + 1] ?? 0;
    for (let i = starts[row] ?? 0; i < end; i++) {
      const column = Math.min(to, Math.max(from, columns[i] ?? 0)) - from;
      into[column] = (into[column] ?? 0) + (counts[i] ?? 0);
    }
  });
}

/**
 * Per piece, the requests beyond a column minus the share that is expected there: what decides whether the quantile is
 * higher.
 */
export function beyondPerPiece(
  {columns, counts, starts}: LatencyTable,
  column: number,
  expected: number,
): readonly number[] {
  return Array.from({length: starts.length - 1}, (_, row) => {
    let sum = 0;
    const end = starts[row + 1] ?? 0;
    for (let i = starts[row] ?? 0; i < end; i++) {
      sum += ((columns[i] ?? 0) > column ? 1 - expected : -expected) * (counts[i] ?? 0);
    }
    return sum;
  });
}
