/** A measured point: how many requests were in flight on average (Little: rate × mean time) and how many were answered a second. */
export interface LoadPoint {
  readonly concurrency: number;
  readonly throughput: number;
}

/** The Universal Scalability Law: X(N) = λN / (1 + σ(N − 1) + κN(N − 1)) (Gunther 1993). */
export interface ScalabilityLaw {
  /** λ: throughput of one request at a time, per second. */
  readonly lambda: number;
  /** σ: the share of work that is done one after the other (contention). */
  readonly sigma: number;
  /** κ: what every pair costs to agree (crosstalk). */
  readonly kappa: number;
}

export function throughputAt({lambda, sigma, kappa}: ScalabilityLaw, concurrency: number): number {
  return (lambda * concurrency) / (1 + sigma * (concurrency - 1) + kappa * concurrency * (concurrency - 1));
}

/** The concurrency with the highest throughput, √((1 − σ)/κ); Infinity when more always helps. */
export function bestConcurrency({sigma, kappa}: ScalabilityLaw): number {
  return Math.sqrt(Math.max(0, 1 - sigma) / kappa);
}

/** The highest throughput the law allows: at its best concurrency, or λ/σ where more always helps a little; Infinity without any limit. */
export function capacityOf(law: ScalabilityLaw): number {
  const best = bestConcurrency(law);
  return Number.isFinite(best) ? throughputAt(law, best) : law.lambda / law.sigma;
}

/** Fewest points a law with three unknowns is fitted to. */
const MIN_POINTS = 6;

/** [ln λ, √σ, √κ]: any numbers make a law that can exist. */
type Unknowns = readonly [number, number, number];

const lawOf = ([a, b, c]: Unknowns): ScalabilityLaw => ({lambda: Math.exp(a), sigma: b * b, kappa: c * c});

function squaresOf(points: readonly LoadPoint[], unknowns: Unknowns): number {
  const law = lawOf(unknowns);
  return points.reduce((sum, {concurrency, throughput}) => sum + (throughput - throughputAt(law, concurrency)) ** 2, 0);
}

/** Solves a symmetric 3 × 3 system by Gaussian elimination with pivoting; undefined when it is singular. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): Unknowns | undefined {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  for (let column = 0; column < 3; column++) {
    rows.splice(
      column,
      3 - column,
      ...rows.slice(column).sort((a, b) => Math.abs(b[column] ?? 0) - Math.abs(a[column] ?? 0)),
    );
    const pivot = rows[column] ?? [];
    const lead = pivot[column] ?? 0;
    if (lead === 0) return undefined;
    rows.forEach((row, i) => {
      if (i === column) return;
      const factor = (row[column] ?? 0) / lead;
      pivot.forEach((value, j) => (row[j] = (row[j] ?? 0) - factor * value));
    });
  }
  const [x = NaN, y = NaN, z = NaN] = rows.map((row, i) => (row[3] ?? 0) / (row[i] ?? 0));
  return [x, y, z];
}

/** Derivatives of X(N) by the three unknowns. */
function gradient(unknowns: Unknowns, n: number): Unknowns {
  const law = lawOf(unknowns);
  const below = 1 + law.sigma * (n - 1) + law.kappa * n * (n - 1);
  const x = throughputAt(law, n);
  return [x, (-x * (n - 1) * 2 * unknowns[1]) / below, (-x * n * (n - 1) * 2 * unknowns[2]) / below];
}

/** One Levenberg-Marquardt step: (JᵀJ + μ·diag)·δ = Jᵀr. */
function step(points: readonly LoadPoint[], unknowns: Unknowns, damping: number): Unknowns | undefined {
  const law = lawOf(unknowns);
  const normal = [0, 1, 2].map(() => [0, 0, 0]);
  const right = [0, 0, 0];
  for (const {concurrency, throughput} of points) {
    const slopes = gradient(unknowns, concurrency);
    const residual = throughput - throughputAt(law, concurrency);
    slopes.forEach((slope, i) => {
      right[i] = (right[i] ?? 0) + slope * residual;
      slopes.forEach((other, j) => {
        const row = normal[i] ?? [];
        row[j] = (row[j] ?? 0) + slope * other;
      });
    });
  }
  normal.forEach((row, i) => (row[i] = (row[i] ?? 0) * (1 + damping) + 1e-12));
  const delta = solve(normal, right);
  if (delta === undefined) return undefined;
  return [unknowns[0] + delta[0], unknowns[1] + delta[1], unknowns[2] + delta[2]];
}

/** From one start, until the squares no longer get less. */
function descend(points: readonly LoadPoint[], start: Unknowns): Unknowns {
  let unknowns = start;
  let squares = squaresOf(points, start);
  let damping = 1e-3;
  for (let i = 0; i < 500 && damping < 1e12; i++) {
    const next = step(points, unknowns, damping);
    const less = next === undefined ? Infinity : squaresOf(points, next);
    if (next === undefined || !(less < squares)) {
      damping *= 4;
      continue;
    }
    const settled = squares - less <= 1e-14 * squares;
    [unknowns, squares, damping] = [next, less, damping / 10];
    if (settled) break;
  }
  return unknowns;
}

/** Starts from little and much contention: the squares may have several valleys. */
const STARTS = [
  [0.3, 0.1],
  [0.1, 0.01],
  [0.7, 0.003],
] as const;

/** A root of zero has no slope: from there a fit could not move. */
const LEAST_ROOT = 0.01;

/**
 * Least-squares fit of the law by Levenberg-Marquardt, with σ and κ kept from being negative by fitting their roots (research/statistics
 * 5.3). Undefined with fewer than six points, or fewer than three different concurrencies. `near`: a law that is known to be near, as that of
 * points from which these were drawn.
 */
export function fitScalability(points: readonly LoadPoint[], near?: ScalabilityLaw): ScalabilityLaw | undefined {
  const usable = points.filter(({concurrency, throughput}) => concurrency > 0 && throughput > 0);
  if (usable.length < MIN_POINTS || new Set(usable.map(({concurrency}) => concurrency)).size < 3) return undefined;
  const fastest = Math.max(...usable.map(({concurrency, throughput}) => throughput / concurrency));
  const starts: readonly Unknowns[] =
    near === undefined
      ? STARTS.map(([b, c]): Unknowns => [Math.log(fastest), b, c])
      : [[Math.log(near.lambda), ...rootsOf(near)]];
  const fits = starts.map(start => descend(usable, start));
  const best = fits.reduce((a, b) => (squaresOf(usable, b) < squaresOf(usable, a) ? b : a));
  return lawOf(best);
}

function rootsOf({sigma, kappa}: ScalabilityLaw): readonly [number, number] {
  return [Math.max(LEAST_ROOT, Math.sqrt(sigma)), Math.max(LEAST_ROOT, Math.sqrt(kappa))];
}
