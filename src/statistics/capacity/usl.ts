/**
 * A measured point: how many requests were in flight on average (Little: rate × mean time) and how many were answered a
 * second.
 */
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

/**
 * The concurrency with the highest throughput, √((1 − σ)/κ), at least one request at a time; Infinity when more always
 * helps.
 */
export function bestConcurrency({sigma, kappa}: ScalabilityLaw): number {
  return sigma >= 1 ? 1 : Math.max(1, Math.sqrt((1 - sigma) / kappa));
}

/**
 * The highest throughput the law allows: at its best concurrency, or λ/σ where more always helps a little; Infinity
 * without any limit.
 */
export function capacityOf(law: ScalabilityLaw): number {
  const best = bestConcurrency(law);
  return Number.isFinite(best) ? throughputAt(law, best) : law.lambda / law.sigma;
}

/** Fewest points a law with three unknowns is fitted to. */
const MIN_POINTS = 6;

/**
 * [ln λ, σ, κ]. σ and κ are fitted themselves, down to exactly 0: roots of them have no slope there, and a fit that
 * comes near would stop.
 */
type Unknowns = readonly [number, number, number];

const lawOf = ([a, sigma, kappa]: Unknowns): ScalabilityLaw => ({lambda: Math.exp(a), sigma, kappa});

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

/** JᵀJ and Jᵀr, with J the derivatives of X(N) by the three unknowns. */
function slopesAt(points: readonly LoadPoint[], unknowns: Unknowns): Normal {
  const law = lawOf(unknowns);
  // Sums by hand: this is the inner loop of every bootstrap.
  let [aa, ab, ac, bb, bc, cc, ra, rb, rc] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (const {concurrency: n, throughput} of points) {
    const below = 1 + law.sigma * (n - 1) + law.kappa * n * (n - 1);
    const a = (law.lambda * n) / below;
    const b = (-a * (n - 1)) / below;
    const c = n * b;
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
  return {matrix: [aa, ab, ac, bb, bc, cc], right: [ra, rb, rc]};
}

/** The same system without the unknowns that stay where they are: their steps are 0. */
function held({matrix: [aa, ab, ac, bb, bc, cc], right: [ra, rb, rc]}: Normal, sigma: boolean, kappa: boolean): Normal {
  return {
    matrix: [aa, sigma ? 0 : ab, kappa ? 0 : ac, bb, sigma || kappa ? 0 : bc, cc],
    right: [ra, sigma ? 0 : rb, kappa ? 0 : rc],
  };
}

/**
 * One Levenberg-Marquardt step, (JᵀJ + μ·diag)·δ = Jᵀr, that stays where σ ≥ 0 and κ ≥ 0: what is 0 and would get
 * negative is held (projected Newton, Bertsekas 1982), what would cross 0 ends there.
 */
function step(slopes: Normal, unknowns: Unknowns, damping: number): Unknowns | undefined {
  const [, rb, rc] = slopes.right;
  const {matrix, right} = held(slopes, unknowns[1] === 0 && rb <= 0, unknowns[2] === 0 && rc <= 0);
  const [aa, ab, ac, bb, bc, cc] = matrix;
  const more = 1 + damping;
  const delta = solve({matrix: [aa * more + TINY, ab, ac, bb * more + TINY, bc, cc * more + TINY], right});
  if (delta === undefined) return undefined;
  return [unknowns[0] + delta[0], Math.max(0, unknowns[1] + delta[1]), Math.max(0, unknowns[2] + delta[2])];
}

/** Keeps a system with a zero on its diagonal solvable. */
const TINY = 1e-12;

/** Steps of a fit; from a law that is near fewer are enough for an interval. */
const MOST_STEPS = 500;
const MOST_STEPS_NEAR = 50;
/** A damping that lets nothing move any more. */
const MOST_DAMPING = 1e12;

/** From one start, until the squares no longer get less. */
function descend(points: readonly LoadPoint[], start: Unknowns, most: number): Unknowns {
  let unknowns = start;
  let squares = squaresOf(points, start);
  let slopes = slopesAt(points, start);
  let damping = 1e-3;
  for (let i = 0; i < most && damping < MOST_DAMPING; i++) {
    const next = step(slopes, unknowns, damping);
    const less = next === undefined ? Infinity : squaresOf(points, next);
    if (next === undefined || !(less < squares)) {
      damping *= 4;
      continue;
    }
    const settled = squares - less <= 1e-14 * squares;
    [unknowns, squares, damping] = [next, less, damping / 10];
    if (settled) break;
    slopes = slopesAt(points, next);
  }
  return unknowns;
}

/**
 * Starts [σ, κ] from little and much contention, and from the edges on which one or both are 0: the squares may have
 * several valleys.
 */
const STARTS = [
  [0.1, 0.01],
  [0.01, 1e-4],
  [0.5, 1e-5],
  [0.1, 0],
  [0, 1e-3],
  [0, 0],
] as const;

/**
 * Least-squares fit of the law by Levenberg-Marquardt with σ ≥ 0 and κ ≥ 0, both of which may be exactly 0. Undefined
 * with fewer than six points, or fewer than three different concurrencies. `near`: a law that is known to be near, as
 * that of points from which these were drawn.
 */
export function fitScalability(points: readonly LoadPoint[], near?: ScalabilityLaw): ScalabilityLaw | undefined {
  const usable = points.filter(({concurrency}) => concurrency > 0);
  if (usable.length < MIN_POINTS || new Set(usable.map(({concurrency}) => concurrency)).size < 3) return undefined;
  const fastest = Math.max(...usable.map(({concurrency, throughput}) => throughput / concurrency));
  if (!(fastest > 0)) return undefined;
  const starts: readonly Unknowns[] =
    near === undefined
      ? STARTS.map(([sigma, kappa]): Unknowns => [Math.log(fastest), sigma, kappa])
      : [[Math.log(near.lambda), near.sigma, near.kappa]];
  const fits = starts.map(start => descend(usable, start, near === undefined ? MOST_STEPS : MOST_STEPS_NEAR));
  const best = fits.reduce((a, b) => (squaresOf(usable, b) < squaresOf(usable, a) ? b : a));
  return lawOf(best);
}

/** One second of a load, counted by the time of the answers. */
export interface FlowSecond extends LoadPoint {
  /** Start of the second, mono µs. */
  readonly at: number;
  /** Requests that were due in it. */
  readonly offered: number;
}

/** Several seconds as one: the means. Undefined without any. */
export function meanFlow(seconds: readonly FlowSecond[]): Omit<FlowSecond, 'at'> | undefined {
  if (seconds.length === 0) return undefined;
  const mean = (value: (second: FlowSecond) => number) =>
    seconds.reduce((sum, second) => sum + value(second), 0) / seconds.length;
  return {
    offered: mean(({offered}) => offered),
    throughput: mean(({throughput}) => throughput),
    concurrency: mean(({concurrency}) => concurrency),
  };
}
