import {logGamma} from './beta.js';

const logChoose = (n: number, k: number) => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

/**
 * P(X ≥ k) when `drawn` of `total` objects are drawn without replacement and `marked` of them are marked: Fisher's
 * exact test, one-sided. Whole numbers; any size that a load can have.
 */
export function hypergeometricTail(k: number, {total, marked, drawn}: {total: number; marked: number; drawn: number}) {
  const least = Math.max(0, drawn + marked - total);
  const most = Math.min(drawn, marked);
  if (k <= least) return 1;
  if (k > most) return 0;
  const log = logChoose(marked, k) + logChoose(total - marked, drawn - k) - logChoose(total, drawn);
  // Every next term follows from the one before by a ratio, so only one needs the gamma function.
  let term = Math.exp(log);
  let sum = term;
  for (let i = k; i < most && term > sum * 1e-17; i++) {
    term *= ((marked - i) * (drawn - i)) / ((i + 1) * (total - marked - drawn + i + 1));
    sum += term;
  }
  return Math.min(1, sum);
}
