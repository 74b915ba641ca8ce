const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0 (Lanczos, g = 7, n = 9: about 15 digits). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const t = shifted + 7.5;
  const sum = LANCZOS.reduce((total, c, i) => total + c / (shifted + i + 1), 0.99999999999980993);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Lentz's method divides by what may be zero. */
function awayFromZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

/** Continued fraction of the incomplete beta function (Lentz's method; Press et al., Numerical Recipes 6.4). */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return result;
}

/** I_x(a, b) for one pair of parameters at many places: what depends on these alone is worked out once. */
export function betaCdfOf(a: number, b: number): (x: number) => number {
  const scale = logGamma(a + b) - logGamma(a) - logGamma(b);
  const middle = (a + 1) / (a + b + 2);
  return x => {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    const front = Math.exp(scale + a * Math.log(x) + b * Math.log1p(-x));
    return x < middle ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
  };
}

/** I_x(a, b), the regularised incomplete beta function: the chance that a Beta(a, b) is below x. */
export function betaCdf(x: number, a: number, b: number): number {
  return betaCdfOf(a, b)(x);
}

/** The x at which I_x(a, b) = p, by bisection to the last digit that matters. */
export function betaQuantile(p: number, a: number, b: number): number {
  const cdf = betaCdfOf(a, b);
  let low = 0;
  let high = 1;
  for (let i = 0; i < 100 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (cdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
