import {seededRandom} from '../../src/quantities/random.js';
import {scoresOf} from '../../src/statistics/times/scores.js';
import {watch} from '../../src/statistics/times/watch.js';
import {autoregressive, normals} from './noise.js';

export const BASELINES = [15, 30, 60, 120, 300, 600] as const;
export const WINDOWS = [15, 30, 60, 120, 300, 600, 1200] as const;
export const CORRELATIONS = [0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95] as const;
/** Chances of one alarm alone: half of 1 % and of 0.2 %. */
export const TAILS = [0.005, 0.001] as const;

interface Cell {
  readonly correlation: number;
  readonly baseline: number;
  /** Ascending. */
  readonly windows: readonly number[];
  readonly runs: number;
  readonly seed: number;
}

/** For each window length, what the highest sum and the highest "lowest of three" are above in a share TAILS of the runs. */
export function climbs({correlation, baseline, windows, runs, seed}: Cell) {
  const normal = normals(seededRandom(seed));
  const longest = windows.at(-1) ?? 0;
  const sums = windows.map(() => new Float64Array(runs));
  const threes = windows.map(() => new Float64Array(runs));
  for (let run = 0; run < runs; run++) {
    const noise = autoregressive(baseline + longest, correlation, normal);
    let sum = 0;
    let three = -Infinity;
    let window = 0;
    watch(noise.subarray(baseline), scoresOf([...noise.subarray(0, baseline)]), (now, bin) => {
      if (now.sum > sum) sum = now.sum;
      if (now.lowestOfThree > three) three = now.lowestOfThree;
      if (bin + 1 === windows[window]) {
        sums[window]![run] = sum;
        threes[window]![run] = three;
        window++;
      }
      return false;
    });
  }
  const tailsOf = (values: Float64Array) => {
    const sorted = values.sort();
    return TAILS.map(tail => sorted[Math.ceil((1 - tail) * runs) - 1] ?? NaN);
  };
  return windows.map((_, w) => ({sum: tailsOf(sums[w]!), three: tailsOf(threes[w]!)}));
}
