import {bucketMiddle, type SparseHistogram} from '../../../quantities/histogram.js';

/** The latencies of one second: a histogram of the answered requests, and how many got no answer: slower than all others. */
export interface LatencySecond {
  readonly histogram: SparseHistogram;
  readonly unanswered: number;
}

/** Longer windows are cut into this many pieces of equal length: more would only cost time. */
const MOST_PIECES = 300;

/** Counts of one piece of a window, only where something was counted. */
type Row = readonly (readonly [column: number, count: number])[];

/** A window as counts: a column for each bucket. */
export interface LatencyTable {
  /** The value of each column, µs; the last is Infinity, for the unanswered. */
  readonly values: readonly number[];
  readonly rows: readonly Row[];
  /** The rows added up. */
  readonly total: Float64Array;
}

export function tableOf(seconds: readonly LatencySecond[]): LatencyTable {
  const highest = seconds.reduce((most, {histogram}) => Math.max(most, histogram.at(-1)?.[0] ?? 0), 0);
  const size = Math.ceil(seconds.length / MOST_PIECES);
  const total = new Float64Array(highest + 2);
  const rows: Row[] = [];
  // Used again for every piece: there are many more columns than counts.
  const counts = new Float64Array(highest + 2);
  for (let start = 0; start < seconds.length; start += size) {
    const row = rowOf(seconds.slice(start, start + size), counts);
    for (const [column, count] of row) total[column] = (total[column] ?? 0) + count;
    rows.push(row);
  }
  return {values: [...Array.from({length: highest + 1}, (_, bucket) => bucketMiddle(bucket)), Infinity], rows, total};
}

/** The counts of one piece; `counts` has only zeros before and after. */
function rowOf(piece: readonly LatencySecond[], counts: Float64Array): Row {
  let [lowest, highest] = [counts.length, -1];
  const add = (column: number, count: number) => {
    if (count === 0) return;
    if (column < lowest) lowest = column;
    if (column > highest) highest = column;
    counts[column] = (counts[column] ?? 0) + count;
  };
  for (const {histogram, unanswered} of piece) {
    for (const bucket of histogram) add(bucket[0], bucket[1]);
    add(counts.length - 1, unanswered);
  }
  const row: [number, number][] = [];
  for (let column = lowest; column <= highest; column++) {
    if (counts[column] !== 0) row.push([column, counts[column] ?? 0]);
  }
  counts.fill(0, Math.max(0, lowest), highest + 1);
  return row;
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
export function narrowed({values, rows, total}: LatencyTable, from: number, to: number): LatencyTable {
  const narrowTotal = new Float64Array(to - from + 1);
  const into = (column: number) => Math.min(to, Math.max(from, column)) - from;
  total.forEach((count, column) => (narrowTotal[into(column)] = (narrowTotal[into(column)] ?? 0) + count));
  const narrowRows = rows.map(row => {
    const narrow: [number, number][] = [];
    for (const [column, count] of row) {
      const last = narrow.at(-1);
      if (last?.[0] === into(column)) last[1] += count;
      else narrow.push([into(column), count]);
    }
    return narrow;
  });
  return {values: values.slice(from, to + 1), rows: narrowRows, total: narrowTotal};
}

/** Per piece, the requests beyond a column minus the share that is expected there: what decides whether the quantile is higher. */
export function beyondPerPiece({rows}: LatencyTable, column: number, expected: number): readonly number[] {
  return rows.map(row => row.reduce((sum, [at, count]) => sum + (at > column ? count : 0) - expected * count, 0));
}
