import {betaCdfOf, logGamma} from './beta.js';
import {normalQuantile} from './normal.js';

/** From here on the normal is as good as Student's t to the seventh digit. */
const NORMAL_FROM = 1e7;

/**
 * The chance that a Student t is below a place, for many of them: what depends on the degrees of freedom alone is
 * worked out once.
 */
export function studentCdfOf(df: number): (t: number) => number {
  const beta = betaCdfOf(df / 2, 0.5);
  return t => {
    const tail = beta(df / (df + t * t)) / 2;
    return t > 0 ? 1 - tail : tail;
  };
}

/** The chance that a Student t with `df` degrees of freedom (any positive number) is below `t`. */
export function studentCdf(t: number, df: number): number {
  return studentCdfOf(df)(t);
}

function densityOf(df: number): (t: number) => number {
  const log = logGamma((df + 1) / 2) - logGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  return t => Math.exp(log - ((df + 1) / 2) * Math.log1p((t * t) / df));
}

/** The p-quantile of Student's t: Newton steps from the Cornish-Fisher expansion, halved where they would overshoot. */
export function studentQuantile(p: number, df: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, df);
  if (p === 0.5) return 0;
  const z = normalQuantile(p);
  if (df > NORMAL_FROM) return z;
  const [cdf, density] = [studentCdfOf(df), densityOf(df)];
  let low = 0;
  let high = Infinity;
  let t = z + (z ** 3 + z) / (4 * df);
  for (let i = 0; i < 200; i++) {
    const error = cdf(t) - p;
    if (error > 0) high = t;
    else low = t;
    const newton = t - error / density(t);
    const next = newton > low && newton < high ? newton : high === Infinity ? t * 2 : (low + high) / 2;
    if (Math.abs(next - t) <= 1e-12 * Math.abs(next)) return next;
    t = next;
  }
  return t;
}
