import {present, type Bins} from '../series/bins.js';
import {correlationOf, noiseOf} from '../series/noise.js';
import {deviationsOf, pooledCorrelation} from '../series/variance.js';
import {scoresOf, type Scores} from './scores.js';
import {thresholdsFor} from './thresholds.js';
import {watch} from './watch.js';

/** Fewer values than this say too little about what is usual. */
export const MIN_BASELINE = 15;

/**
 * When a change was noticed, as bins of the fault window: it began at the earliest with `onset` and was proven by the
 * end of `detected`.
 */
export interface Detection {
  readonly onset: number;
  readonly detected: number;
  readonly alarm: 'sum' | 'three';
  /** Mean deviation from the baseline over [onset, detected], beyond the margin, on the scale of the bins. */
  readonly beyond: number;
  /** Bins from the onset on that were worse than usual, until the values were usual again or the window ended. */
  readonly lasted: number;
}

export interface DetectorRules {
  /** How much worse than the baseline is allowed, on the scale of the bins; subtracted first. */
  readonly margin: number;
  /** 1 when higher is worse, −1 when lower is. */
  readonly sign: 1 | -1;
  /** Chance of a false alarm over the whole window. */
  readonly alpha: number;
}

/**
 * Autocorrelation one standard error above its estimate, and that of a slow level below the noise: what the estimate
 * may hide must not raise false alarms.
 */
function cautiousCorrelation(baseline: Bins): number {
  const deviations = deviationsOf(baseline);
  const estimate = pooledCorrelation([deviations]);
  const cautious = estimate + Math.sqrt((1 - estimate ** 2) / deviations.count);
  return Math.min(0.95, Math.max(cautious, correlationOf(noiseOf([baseline]))));
}

/**
 * How much further than the baseline ever went by itself an alarm must go: the table is made for normal noise, and
 * healthy systems have bursts.
 */
const BEYOND_OWN = 2;

/** The furthest that the two alarms climb in the baseline itself. */
function ownClimb(baseline: Bins, sign: 1 | -1, scores: Scores): {readonly sum: number; readonly three: number} {
  const own = {sum: 0, three: 0};
  const signed = baseline.map(value => (value === null ? null : sign * value));
  watch(signed, scores, ({sum, lowestOfThree}) => {
    own.sum = Math.max(own.sum, sum);
    own.three = Math.max(own.three, lowestOfThree);
    return false;
  });
  return own;
}

/**
 * The level beyond which so few values of the baseline are that three in a row in the window are chance in no more than
 * a share alpha of all windows (window · share³, each value by itself): where one value in twenty is a spike, three of
 * them do meet.
 */
function seldomInThree(
  usual: readonly number[],
  scores: Scores,
  {window, alpha}: {window: number; alpha: number},
): number {
  const share = Math.cbrt(alpha / window);
  const sorted = usual.map(scores.robust).sort((a, b) => b - a);
  return sorted[Math.max(0, Math.floor(share * (sorted.length + 1)) - 1)] ?? Infinity;
}

/** A value within so many standard deviations of the baseline's median is usual. */
const USUAL = 1;

/**
 * How many bins of an excursion are beyond what is usual: from its onset, and after the alarm until two of three bins
 * are usual again.
 */
function unusualBins(shifted: Bins, {onset, detected}: {onset: number; detected: number}, scores: Scores): number {
  const unusual = shifted.map(value => (value === null ? null : scores.robust(value) > USUAL));
  let end = detected + 1;
  while (end < unusual.length && unusual.slice(end - 2, end + 1).filter(is => is === false).length < 2) end++;
  return unusual.slice(onset, end).filter(is => is === true).length;
}

/**
 * Looks for the first change to the worse in a window, from its first bin on: a CUSUM (Page 1954) of normal scores
 * finds small lasting changes, three unusual values in a row find large ones within three bins. Both thresholds come
 * from the shipped table for this baseline's length and autocorrelation, or from what the baseline itself did, where
 * that is more. Undefined: none, or a baseline of fewer than 15 values.
 */
export function detectChange(
  baseline: Bins,
  window: Bins,
  {margin, sign, alpha}: DetectorRules,
): Detection | undefined {
  const usual = present(baseline).map(value => sign * value);
  if (usual.length < MIN_BASELINE || window.length === 0 || margin === Infinity) return undefined;
  const shifted = window.map(value => (value === null ? null : sign * value - margin));
  const scores = scoresOf(usual);
  const limits = thresholdsFor({
    baseline: usual.length,
    window: window.length,
    correlation: cautiousCorrelation(baseline),
    alpha,
  });
  const own = ownClimb(baseline, sign, scores);
  const least = {
    sum: Math.max(limits.sum, BEYOND_OWN * own.sum),
    three: Math.max(
      limits.three,
      BEYOND_OWN * own.three,
      seldomInThree(usual, scores, {window: window.length, alpha: alpha / 2}),
    ),
  };
  const centre = usual.reduce((sum, value) => sum + value, 0) / usual.length;
  let found: Detection | undefined;
  watch(shifted, scores, ({sum, risingSince, lowestOfThree}, bin) => {
    const alarm = sum > least.sum ? 'sum' : lowestOfThree > least.three ? 'three' : undefined;
    if (alarm === undefined) return false;
    const onset = Math.min(risingSince, alarm === 'three' ? bin - 2 : bin);
    const segment = present(shifted.slice(onset, bin + 1));
    const beyond = segment.reduce((total, value) => total + value, 0) / segment.length - centre;
    found = {onset, detected: bin, alarm, beyond, lasted: unusualBins(shifted, {onset, detected: bin}, scores)};
    return true;
  });
  return found;
}
