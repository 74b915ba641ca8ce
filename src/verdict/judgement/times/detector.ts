import {present, type Bins} from '../series/bins.js';
import {deviationsOf, pooledCorrelation} from '../series/variance.js';
import {scoresOf} from './scores.js';
import {thresholdsFor} from './thresholds.js';
import {watch} from './watch.js';

/** Fewer values than this say too little about what is usual. */
export const MIN_BASELINE = 15;

/** When a change was noticed, as bins of the fault window: it began at the earliest with `onset` and was proven by the end of `detected`. */
export interface Detection {
  readonly onset: number;
  readonly detected: number;
  readonly alarm: 'sum' | 'three';
  /** Mean deviation from the baseline over [onset, detected], beyond the margin, on the scale of the bins. */
  readonly beyond: number;
}

export interface DetectorRules {
  /** How much worse than the baseline is allowed, on the scale of the bins; subtracted first. */
  readonly margin: number;
  /** 1 when higher is worse, −1 when lower is. */
  readonly sign: 1 | -1;
  /** Chance of a false alarm over the whole window. */
  readonly alpha: number;
}

/** Autocorrelation one standard error above its estimate: what the estimate may hide must not raise false alarms. */
function cautiousCorrelation(baseline: Bins): number {
  const deviations = deviationsOf(baseline);
  const estimate = pooledCorrelation([deviations]);
  return Math.min(0.95, estimate + Math.sqrt((1 - estimate ** 2) / deviations.count));
}

/**
 * What three values in a row exceed with the given chance, if spikes like the baseline's own come one by one: the table is made for normal
 * noise, and a metric with one spike in twenty bins would else have three together too often.
 */
function ownTail(scores: number[], chance: number): number {
  const sorted = scores.sort((a, b) => a - b);
  return sorted[Math.ceil((1 - Math.cbrt(chance)) * sorted.length) - 1] ?? -Infinity;
}

/**
 * Looks for the first change to the worse in a window, from its first bin on (research/statistics 3.5): a CUSUM of normal scores finds small lasting
 * changes, three unusual values in a row find large ones within three bins. Both thresholds come from the shipped table for this
 * baseline's length and autocorrelation. Undefined: none, or a baseline of fewer than 15 values.
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
  const three = Math.max(limits.three, ownTail(usual.map(scores.robust), alpha / 2 / window.length));
  const centre = usual.reduce((sum, value) => sum + value, 0) / usual.length;
  let found: Detection | undefined;
  watch(shifted, scores, ({sum, risingSince, lowestOfThree}, bin) => {
    const alarm = sum > limits.sum ? 'sum' : lowestOfThree > three ? 'three' : undefined;
    if (alarm === undefined) return false;
    const onset = Math.min(risingSince, alarm === 'three' ? bin - 2 : bin);
    const segment = present(shifted.slice(onset, bin + 1));
    const beyond = segment.reduce((total, value) => total + value, 0) / segment.length - centre;
    found = {onset, detected: bin, alarm, beyond};
    return true;
  });
  return found;
}
