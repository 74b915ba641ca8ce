import {normalQuantile} from '../distributions/normal.js';
import {studentCdfOf, studentQuantile} from '../distributions/student.js';
import type {Bins} from './bins.js';
import {present} from './bins.js';
import {KINDS, type NoiseKind, type PerLevel} from './noise-kinds.js';
import {meanOf} from './variance.js';

/** The levels of a "held" and of a "deviated"; any other follows from the Student's t that has these two. */
export const LEVELS: PerLevel = {near: 0.05, far: 0.01};

/** Longer windows are looked at in this many pieces of equal length: more would only cost time. */
const MOST_PIECES = 600;

/** A kind with less of the probability than this changes no limit. */
const NEGLIGIBLE = 1e-4;
/** A window that varies by so small a part of what another one does shows how its values were rounded. */
const ROUNDED = 1e-9;
/** A window whose variance is this many standard errors above that of all together has a noise of its own. */
const CLEARLY_NOISIER = 2;

/** How likely a kind of noise is once the windows were seen, and the variance of a value that each window then has. */
interface LikelyKind extends NoiseKind {
  readonly weight: PerLevel;
  readonly variances: readonly number[];
}

/** What is known of the noise of some windows that may differ in their mean and variance, but not in kind. */
export interface Noise {
  readonly kinds: readonly LikelyKind[];
  /** Values in each window, in pieces where windows are long. */
  readonly counts: readonly number[];
  /** Bins that make one such piece. */
  readonly perPiece: number;
}

/** The variance of the mean of `count` values of a kind, for a value's variance of 1. */
function meanVariance({correlation, slow}: NoiseKind, count: number): number {
  const r = correlation;
  const inflation = 1 + 2 * (r / (1 - r) - (r * (1 - r ** count)) / (count * (1 - r) ** 2));
  return (1 - slow + slow * inflation) / count;
}

/**
 * How well a kind explains a window whose mean is not known: its squares, weighted by the kind, and ln of the
 * determinants.
 */
interface Fit {
  readonly squares: number;
  readonly logDeterminant: number;
}

/**
 * Innovations of a level that wanders below white noise, by a Kalman filter (Kalman 1960; Durbin and Koopman 2012,
 * chapter 4) that is run over the values and, for the unknown mean, over a series of ones. A missing bin only lets time
 * pass.
 */
function fit(bins: Bins, centre: number, {correlation, slow}: NoiseKind): Fit {
  let [level, levelOfOne, variance] = [0, 0, slow];
  let [squares, crossed, ones, logs] = [0, 0, 0, 0];
  for (const value of bins) {
    if (value !== null) {
      const total = variance + 1 - slow;
      const surprise = value - centre - level;
      const surpriseOfOne = 1 - levelOfOne;
      squares += surprise ** 2 / total;
      crossed += (surprise * surpriseOfOne) / total;
      ones += surpriseOfOne ** 2 / total;
      logs += Math.log(total);
      const gain = variance / total;
      level += gain * surprise;
      levelOfOne += gain * surpriseOfOne;
      variance *= 1 - gain;
    }
    level *= correlation;
    levelOfOne *= correlation;
    variance = correlation ** 2 * variance + (1 - correlation ** 2) * slow;
  }
  return {squares: squares - crossed ** 2 / ones, logDeterminant: logs + Math.log(ones)};
}

/** The window in pieces of so many bins: their means. */
export function inPieces(bins: Bins, perPiece: number): Bins {
  if (perPiece === 1) return bins;
  return Array.from({length: Math.ceil(bins.length / perPiece)}, (_, i) => {
    const some = present(bins.slice(i * perPiece, (i + 1) * perPiece));
    return some.length === 0 ? null : meanOf(some);
  });
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/**
 * What kind of noise some windows have: the probability of each kind given the windows (Bayes), with the mean and the
 * variance of each window integrated out under Jeffreys' prior. A window counts as noisy as all together, or as it is
 * where it is clearly noisier: one that is quiet by chance must not prove more, and one that is loud by chance must not
 * prove less. Windows of fewer than two values, and those without noise or with that of rounding only, say nothing;
 * without any other there are no kinds. `plausible`: what else is known of the kinds before anything is measured, as a
 * factor of their probability.
 */
export function noiseOf(windows: readonly Bins[], plausible: (kind: NoiseKind) => number = () => 1): Noise {
  const perPiece = Math.ceil(Math.max(1, ...windows.map(({length}) => length)) / MOST_PIECES);
  const pieces = windows.map(bins => inPieces(bins, perPiece));
  const values = pieces.map(present);
  const counts = values.map(({length}) => length);
  const centres = values.map(meanOf);
  const reaches = values.map(some => (some.length > 1 ? Math.max(...some) - Math.min(...some) : 0));
  const most = Math.max(...reaches);
  const telling = reaches.map(reach => reach > ROUNDED * most);
  if (!telling.includes(true)) return {kinds: [], counts, perPiece};
  const looked = KINDS.map(kind => {
    const fits = pieces.map((bins, i) => (telling[i] === true ? fit(bins, centres[i] ?? 0, kind) : undefined));
    const freedoms = counts.map(count => Math.max(0, count - 1));
    const logLikelihood = sum(
      fits.map((one, i) =>
        one === undefined ? 0 : -(one.logDeterminant + (freedoms[i] ?? 0) * Math.log(one.squares)) / 2,
      ),
    );
    const squares = fits.map(one => one?.squares ?? 0);
    const together = sum(squares) / sum(freedoms);
    const variances = squares.map((of, i) => {
      const freedom = Math.max(1, freedoms[i] ?? 0);
      const own = of / freedom;
      return own > together * (1 + CLEARLY_NOISIER * Math.sqrt(2 / freedom)) ? own : together;
    });
    return {...kind, logLikelihood, variances};
  });
  const best = Math.max(...looked.map(one => one.logLikelihood));
  const likely = looked.map(({logLikelihood, prior, ...kind}) => {
    const likelihood = Math.exp(logLikelihood - best) * plausible(kind);
    return {near: prior.near * likelihood, far: prior.far * likelihood};
  });
  const all = {near: sum(likely.map(({near}) => near)), far: sum(likely.map(({far}) => far))};
  const kinds = looked.flatMap(({correlation, slow, variances}, i) => {
    const weight = {near: (likely[i]?.near ?? 0) / all.near, far: (likely[i]?.far ?? 0) / all.far};
    return weight.near < NEGLIGIBLE ? [] : [{correlation, slow, variances, weight}];
  });
  return {kinds, counts, perPiece};
}

/** A normal with an estimated variance, as one of several that a distribution is mixed of. */
interface MixtureComponent {
  readonly weight: PerLevel;
  readonly variance: number;
  readonly freedom: number;
}

/**
 * Where a falling function passes zero between two places of which it is above and below: false position (Illinois), to
 * a millionth of the way.
 */
function crossing(of: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [above, below] = [of(low), of(high)];
  for (let i = 0; i < 40 && high - low > 1e-6 * Math.abs(to - from); i++) {
    const middle = low + ((high - low) * above) / (above - below);
    const value = of(middle);
    if (Math.abs(value) < 1e-9) return middle;
    if (value > 0) {
      [low, above] = [middle, value];
      below /= 2;
    } else {
      [high, below] = [middle, value];
      above /= 2;
    }
  }
  return (low + high) / 2;
}

/**
 * How far beyond zero a mixture of Student's t reaches at a level: the root of Σ weight·P(t > reach/error) = level, on
 * the log scale.
 */
function reachOf(parts: readonly MixtureComponent[], at: keyof PerLevel): number {
  const errors = parts.map(({variance}) => Math.sqrt(variance));
  const cdfs = parts.map(({freedom}) => studentCdfOf(freedom));
  const beyond = (log: number) => {
    const reach = Math.exp(log);
    const tails = parts.map(({weight}, i) => weight[at] * (cdfs[i]?.(-reach / (errors[i] ?? 1)) ?? 0));
    return Math.log(sum(tails) / LEVELS[at]);
  };
  // Each part alone reaches between one and, with one degree of freedom at a level of 1 %, 32 of its errors.
  return Math.exp(crossing(beyond, Math.log(Math.min(...errors) / 2), Math.log(Math.max(...errors) * 32)));
}

/** With more degrees of freedom a t is a normal. */
const [FEWEST, MOST] = [1, 1e5];

/** The degrees of freedom of the t whose limits at 1 % and 5 % are this far apart. */
function freedomFor(ratio: number): number {
  const apart = (share: number) =>
    studentQuantile(1 - LEVELS.far, 1 / share) / studentQuantile(1 - LEVELS.near, 1 / share) - ratio;
  if (apart(1 / MOST) >= 0) return MOST;
  return 1 / crossing(share => -apart(share), 1 / MOST, 1 / FEWEST);
}

/** An uncertainty as one Student's t. */
export interface Spread {
  readonly standardError: number;
  readonly freedom: number;
}

/** How many times as far as independent draws with this error an uncertainty reaches at a level; at least once. */
export function reachOver({standardError, freedom}: Spread, independent: number, level: number): number {
  const reach = normalQuantile(1 - level) * independent;
  return reach > 0 ? Math.max(1, (studentQuantile(1 - level, freedom) * standardError) / reach) : 1;
}

/** The Student's t that has the same limits at 5 % and at 1 % as a mixture. */
function asStudent(parts: readonly MixtureComponent[]): Spread {
  const some = parts.filter(({variance}) => variance > 0);
  const [only, ...others] = some;
  if (only === undefined) return {standardError: 0, freedom: Infinity};
  if (others.length === 0) return {standardError: Math.sqrt(only.variance), freedom: only.freedom};
  const near = reachOf(some, 'near');
  const freedom = freedomFor(reachOf(some, 'far') / near);
  return {standardError: near / studentQuantile(1 - LEVELS.near, freedom), freedom};
}

/** The variance of the mean of one window if the noise is of this kind. */
function varianceOfMean({counts}: Noise, kind: LikelyKind, window: number): number {
  return (kind.variances[window] ?? 0) * meanVariance(kind, counts[window] ?? 1);
}

/**
 * How uncertain a sum of the windows' means with these factors is: the variance by each kind, with degrees of freedom
 * by Welch (1947) and Satterthwaite (1946), mixed by how likely the kinds are.
 */
export function spreadOfMeans(noise: Noise, factors: readonly number[]): Spread {
  return asStudent(
    noise.kinds.map(kind => {
      const parts = noise.counts.map((count, i) => ({
        variance: (factors[i] ?? 0) ** 2 * varianceOfMean(noise, kind, i),
        freedom: Math.max(1, count - 1),
      }));
      const variance = sum(parts.map(part => part.variance));
      const freedom = variance ** 2 / sum(parts.map(part => part.variance ** 2 / part.freedom));
      return {weight: kind.weight, variance, freedom};
    }),
  );
}

/**
 * The same noise with its kinds weighed at every level as for a limit of 1 %: what it takes to tell a harmful change is
 * asked by the weights that would tell it.
 */
export function weighedAsFar(noise: Noise): Noise {
  const kinds = noise.kinds.map(kind => ({...kind, weight: {near: kind.weight.far, far: kind.weight.far}}));
  return {...noise, kinds};
}

/**
 * How uncertain a difference of two means would be, of windows of these many bins with the noise of the first window.
 */
export function spreadOfLengths(noise: Noise, bins: readonly number[]): Spread {
  const counts = bins.map(length => Math.max(2, length / noise.perPiece));
  const kinds = noise.kinds.map(kind => ({...kind, variances: counts.map(() => kind.variances[0] ?? 0)}));
  return spreadOfMeans(
    {...noise, kinds, counts},
    counts.map(() => 1),
  );
}

/**
 * The long-run variance of a bin of a window, so that Ω / bins is the variance of its mean: the geometric mean over the
 * kinds.
 */
export function longRunOf(noise: Noise, window: number): number {
  if (noise.kinds.length === 0) return 0;
  const bins = (noise.counts[window] ?? 0) * noise.perPiece;
  const log = sum(noise.kinds.map(kind => kind.weight.near * Math.log(varianceOfMean(noise, kind, window))));
  return bins * Math.exp(log);
}

/** How many independent values a window is worth: the mean over the kinds. */
export function effectiveOf(noise: Noise, window: number): number {
  const count = noise.counts[window] ?? 0;
  if (noise.kinds.length === 0) return count * noise.perPiece;
  return sum(noise.kinds.map(kind => kind.weight.near / meanVariance(kind, count)));
}

/** The correlation of neighbours of an AR(1) whose long windows would be as uncertain: the mean over the kinds. */
export function correlationOf({kinds}: Noise): number {
  return sum(
    kinds.map(({weight, correlation, slow}) => {
      const inflation = 1 - slow + (slow * (1 + correlation)) / (1 - correlation);
      return weight.near * ((inflation - 1) / (inflation + 1));
    }),
  );
}
