import {studentCdf} from '../../src/statistics/distributions/student.js';
import {normalCdf} from '../../src/statistics/distributions/normal.js';

/* The usual tests, written here only to be compared with: two-sided p-values. */

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]) => {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
};

export function welch(xs: readonly number[], ys: readonly number[]): number {
  const [a, b] = [variance(xs) / xs.length, variance(ys) / ys.length];
  const freedom = (a + b) ** 2 / (a ** 2 / (xs.length - 1) + b ** 2 / (ys.length - 1));
  return 2 * (1 - studentCdf(Math.abs(mean(ys) - mean(xs)) / Math.sqrt(a + b), freedom));
}

/** z of the rank sum of xs − shift against ys: tie-corrected, with continuity correction, as R and Kayenta compute it. */
export function rankSumZ(xs: readonly number[], ys: readonly number[], shift = 0): number {
  const all = [...xs.map(x => ({value: x - shift, ours: true})), ...ys.map(value => ({value, ours: false}))];
  all.sort((a, b) => a.value - b.value);
  let [ranks, ties, i] = [0, 0, 0];
  while (i < all.length) {
    let end = i;
    while (end < all.length && all[end]!.value === all[i]!.value) end++;
    for (let k = i; k < end; k++) if (all[k]!.ours) ranks += (i + end + 1) / 2;
    ties += (end - i) ** 3 - (end - i);
    i = end;
  }
  const [n, m] = [xs.length, ys.length];
  const apart = ranks - (n * (n + 1)) / 2 - (n * m) / 2;
  const sigma = Math.sqrt(((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
  return (apart - Math.sign(apart) * 0.5) / sigma;
}

export function mannWhitney(xs: readonly number[], ys: readonly number[]): number {
  return 2 * (1 - normalCdf(Math.abs(rankSumZ(ys, xs))));
}
