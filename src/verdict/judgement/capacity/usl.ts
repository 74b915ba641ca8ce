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

/** The concurrency with the highest throughput, √((1 − σ)/κ), at least one request at a time; Infinity when more always helps. */
export function bestConcurrency({sigma, kappa}: ScalabilityLaw): number {
  return sigma >= 1 ? 1 : Math.max(1, Math.sqrt((1 - sigma) / kappa));
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
  let sum = 0;
  for (const {concurrency, throughput} of points) sum += (throughput - throughputAt(law, concurrency)) ** 2;
  return sum;
}

/** A symmetric 3 × 3 system: its upper triangle, row by row, and its right side. */
interface Normal {
  readonly matrix: readonly [number, number, number, number, number, number];
  readonly right: Unknowns;
}

/** Solves it by Cholesky's decomposition; undefined when it is not positive definite. */
function solve({matrix: [aa, ab, ac, bb, bc, cc], right: [ra, rb, rc]}: Normal): Unknowns | undefined {
  const l11 = Math.sqrt(aa);
  const [l21, l31] = [ab / l11, ac / l11];
  const l22 = Math.sqrt(bb - l21 * l21);
  const l32 = (bc - l21 * l31) / l22;
  const l33 = Math.sqrt(cc - l31 * l31 - l32 * l32);
  if (!(l11 > 0 && l22 > 0 && l33 > 0)) return undefined;
  const y1 = ra / l11;
  const y2 = (rb - l21 * y1) / l22;
  const x3 = (rc - l31 * y1 - l32 * y2) / l33 / l33;
  const x2 = (y2 - l32 * x3) / l22;
  return [(y1 - l21 * x2 - l31 * x3) / l11, x2, x3];
}

/** One Levenberg-Marquardt step: (JᵀJ + μ·diag)·δ = Jᵀr, with J the derivatives of X(N) by the three unknowns. */
function step(points: readonly LoadPoint[], unknowns: Unknowns, damping: number): Unknowns | undefined {
  const law = lawOf(unknowns);
  const [, rootSigma, rootKappa] = unknowns;
  // Sums by hand: this is the inner loop of every bootstrap.
  let [aa, ab, ac, bb, bc, cc, ra, rb, rc] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (const {concurrency: n, throughput} of points) {
    const below = 1 + law.sigma * (n - 1) + law.kappa * n * (n - 1);
    const a = (law.lambda * n) / below;
    const b = (-a * (n - 1) * 2 * rootSigma) / below;
    const c = (-a * n * (n - 1) * 2 * rootKappa) / below;
    const residual = throughput - a;
    aa += a * a;
    ab += a * b;
    ac += a * c;
    bb += b * b;
    bc += b * c;
    cc += c * c;
    ra += a * residual;
    rb += b * residual;
    rc += c * residual;
  }
  const more = 1 + damping;
  const delta = solve({
    matrix: [aa * more + 1e-12, ab, ac, bb * more + 1e-12, bc, cc * more + 1e-12],
    right: [ra, rb, rc],
  });
  if (delta === undefined) return undefined;
  return [unknowns[0] + delta[0], unknowns[1] + delta[1], unknowns[2] + delta[2]];
}

/** Steps of a fit; from a law that is near fewer are enough for an interval. */
const MOST_STEPS = 500;
const MOST_STEPS_NEAR = 50;

/** From one start, until the squares no longer get less. */
function descend(points: readonly LoadPoint[], start: Unknowns, most: number): Unknowns {
  let unknowns = start;
  let squares = squaresOf(points, start);
  let damping = 1e-3;
  for (let i = 0; i < most && damping < 1e12; i++) {
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
  const usable = points.filter(({concurrency}) => concurrency > 0);
  if (usable.length < MIN_POINTS || new Set(usable.map(({concurrency}) => concurrency)).size < 3) return undefined;
  const fastest = Math.max(...usable.map(({concurrency, throughput}) => throughput / concurrency));
  if (!(fastest > 0)) return undefined;
  const starts: readonly Unknowns[] =
    near === undefined
      ? STARTS.map(([b, c]): Unknowns => [Math.log(fastest), b, c])
      : [[Math.log(near.lambda), ...rootsOf(near)]];
  const fits = starts.map(start => descend(usable, start, near === undefined ? MOST_STEPS : MOST_STEPS_NEAR));
  const best = fits.reduce((a, b) => (squaresOf(usable, b) < squaresOf(usable, a) ? b : a));
  return lawOf(best);
}

function rootsOf({sigma, kappa}: ScalabilityLaw): readonly [number, number] {
  return [Math.max(LEAST_ROOT, Math.sqrt(sigma)), Math.max(LEAST_ROOT, Math.sqrt(kappa))];
}
