import {MIN_BINS, MIN_WINDOW} from '../least.js';
import {POWER, shortestWindow} from '../effects/detectable.js';
import {marginOf, onScale, scaleOf, type Scale} from '../effects/scale.js';
import {limitsOf, meanShift, type Shift} from '../effects/shift.js';
import {studentQuantile} from '../distributions/student.js';
import {present, type Bins} from '../series/bins.js';
import {trendOf} from '../series/trend.js';
import {effectiveOf, noiseOf, spreadOfLengths, weighedAsFar, type Noise} from '../series/noise.js';
import {heldLevel} from './comparison.js';

/** A window worth fewer independent values says too little about what is usual. */
export const MIN_EFFECTIVE = 3;

/** Whether an experiment may begin, and what it would be able to see. */
export interface SteadyState {
  /**
   * `not-steady`: the second half of the baseline is proven to differ from the first by more than is allowed: stop
   * before harm. `too-short`: too few (independent) values. `underpowered`: even the critical change would be missed
   * too often. Else `steady`.
   */
  readonly state: 'steady' | 'not-steady' | 'too-short' | 'underpowered';
  /**
   * The smallest relative change (on the level scale: in units) that would be seen in four of five runs; null when
   * nothing is known.
   */
  readonly detectable: number | null;
  /** Bins that baseline and fault window must have for the allowed change to be seen; null when a week would not do. */
  readonly windowForAllowed: number | null;
  /** Bins for the critical change. */
  readonly windowForCritical: number | null;
  /**
   * Bins that the baseline must have for its noise to be known: enough values, and enough independent ones in each
   * half.
   */
  readonly windowForNoise: number | null;
  /** By how much the second half differs from the first, on the same scale as `detectable`. */
  readonly change: number | null;
  /**
   * How far a trend of the baseline, if it went on, would move the metric from the baseline to the fault window:
   * relative, with a warning when it is proven and more than half of what is allowed.
   */
  readonly drift: {readonly projected: number; readonly warn: boolean} | null;
}

/** What is known of a baseline without values. */
export const NOTHING_KNOWN: SteadyState = {
  state: 'too-short',
  detectable: null,
  windowForAllowed: null,
  windowForCritical: null,
  windowForNoise: MIN_WINDOW,
  change: null,
  drift: null,
};

export interface SteadyStateRules {
  readonly worse: 'higher' | 'lower' | 'either';
  readonly by: number;
  readonly critical: number;
  /** Both are differences in the metric's unit; so is what is told then. */
  readonly absolute?: boolean | undefined;
  /** Bins of the planned fault window. */
  readonly faultBins: number;
  /** Bins that it will be compared with, where that is not this baseline: off blocks of a switchback. */
  readonly otherBins?: number;
  readonly alpha: number;
}

/** The margin in the direction in which less is allowed. */
function tightest(by: number, worse: SteadyStateRules['worse'], on: Parameters<typeof marginOf>[2]): number {
  return worse === 'lower' ? marginOf(by, 'lower', on) : marginOf(by, 'higher', on);
}

/**
 * The two halves differ by more than the margin, in either direction: asked at the looser level, for to stop before
 * harm costs little.
 */
function halvesDiffer(halves: Shift, margin: number, alpha: number): boolean {
  const {lower, upper} = limitsOf(halves, heldLevel(alpha));
  return lower > margin || upper < -margin;
}

/**
 * The smallest shift that windows of so many bins with this noise show in the share POWER of all runs: (t₁₋ₐ +
 * t₀.₈)·standard error.
 */
export function detectableIn(noise: Noise, bins: readonly number[], alpha: number): number {
  const {standardError, freedom} = spreadOfLengths(noise, bins);
  if (standardError === 0) return 0;
  return (studentQuantile(1 - alpha, freedom) + studentQuantile(POWER, freedom)) * standardError;
}

/** Where a trend of the baseline leads, on the given scale; null when there are too few values for one. */
export function driftOf(
  bins: Bins,
  {rules, margin, scale}: {rules: Pick<SteadyStateRules, 'alpha' | 'faultBins'>; margin: number; scale: Scale},
): SteadyState['drift'] {
  const trend = trendOf(bins, rules.alpha);
  if (trend === undefined) return null;
  // A trend that goes on moves the mean of the fault window by as much as lies between the middles of the two windows.
  const distance = (bins.length + rules.faultBins) / 2;
  const proven = trend.lower > 0 || trend.upper < 0;
  const change = trend.slope * distance;
  return {
    projected: scale === 'ratio' ? Math.expm1(change) : change,
    warn: proven && Math.abs(change) > margin / 2,
  };
}

/**
 * The gate before the injection: is the baseline steady when its halves are judged against each other, does it drift,
 * and could a run with these windows see the change that matters? Works on the bins of one metric.
 */
export function steadyState(baseline: Bins, rules: SteadyStateRules): SteadyState {
  const {worse, by, critical, absolute, faultBins, otherBins, alpha} = rules;
  const scale = absolute === true ? 'level' : scaleOf(baseline);
  const bins = onScale(baseline, scale);
  const halves = meanShift(bins.slice(0, Math.floor(bins.length / 2)), bins.slice(Math.floor(bins.length / 2)));
  if (halves === undefined) return NOTHING_KNOWN;
  const margin = tightest(by, worse, {scale, baseline, absolute});
  const harmful = tightest(critical, worse, {scale, baseline, absolute});
  const noise = noiseOf([bins]);
  const count = present(bins).length;
  const least = detectableIn(noise, [otherBins ?? count, faultBins], alpha);
  const effective = effectiveOf(noise, 0);
  const windowFor = (distance: number) =>
    distance > 0 ? shortestWindow(length => detectableIn(noise, [length, length], alpha), distance) : null;
  const asRead = (shift: number) => (scale === 'ratio' ? Math.expm1(shift) : shift);
  const about = {
    detectable: worse === 'lower' ? -asRead(-least) : asRead(least),
    change: asRead(halves.estimate),
    windowForAllowed: windowFor(margin),
    windowForCritical: windowFor(harmful),
    windowForNoise: Math.max(MIN_WINDOW, Math.ceil((count * MIN_EFFECTIVE) / effective)),
    drift: driftOf(bins, {rules, margin, scale}),
  };
  if (halvesDiffer(halves, margin, alpha)) return {state: 'not-steady', ...about};
  if (count < MIN_BINS || effective < MIN_EFFECTIVE) return {state: 'too-short', ...about};
  // Refused is only what could not even be told by the looser level: a detector may still see what the mean does not
  // prove.
  const leastTold = detectableIn(weighedAsFar(noise), [otherBins ?? count, faultBins], heldLevel(alpha));
  return {state: leastTold > harmful ? 'underpowered' : 'steady', ...about};
}
