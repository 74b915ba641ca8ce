import {present, type Bins} from '../series/bins.js';
import {detectableShift} from './detectable.js';
import {cliffsDelta, hodgesLehmann} from './order.js';
import {onScale, scaleOf, type Scale} from './scale.js';
import {limitsOf, meanShift, weightedShift, type ConfidenceLimits, type MeanShift} from './shift.js';

/**
 * What a fault did to a metric, with everything a reader may ask about it. Shares are relative to the baseline: 0.1 is
 * +10 %.
 */
export interface Effect {
  readonly scale: Scale;
  /** The difference of the means, on the scale (logarithms for `ratio`). */
  readonly shift: MeanShift;
  /**
   * The smallest relative change that would be seen in four of five runs with these windows; null where the baseline is
   * about zero.
   */
  readonly detectable: number | null;
  /** Relative change of the mean with its one-sided limits; null where the baseline is about zero. */
  readonly relative: ({readonly estimate: number} & ConfidenceLimits) | null;
  /** Change of the mean in the metric's unit (of the typical value, for `ratio`), with its limits. */
  readonly absolute: {readonly estimate: number} & ConfidenceLimits;
  /** P(fault > baseline) − P(fault < baseline) over all pairs of bins: a size without a unit. */
  readonly cliffsDelta: number;
  /** Median difference, in the metric's unit. Descriptive. */
  readonly hodgesLehmann: number;
}

/**
 * On the level scale, the ratio to a baseline whose mean is not at least this many standard errors from zero says
 * nothing.
 */
const CLEAR_OF_ZERO = 3;

function ratioEffect(shift: MeanShift, alpha: number) {
  const {lower, upper} = limitsOf(shift, alpha);
  const relative = {estimate: Math.expm1(shift.estimate), lower: Math.expm1(lower), upper: Math.expm1(upper)};
  const typical = Math.exp(shift.baseline.mean);
  const absolute = {
    estimate: relative.estimate * typical,
    lower: relative.lower * typical,
    upper: relative.upper * typical,
  };
  return {relative, absolute};
}

function levelEffect(shift: MeanShift, alpha: number) {
  const absolute = {estimate: shift.estimate, ...limitsOf(shift, alpha)};
  const {baseline, fault} = shift;
  const errorOfBaseline = Math.sqrt(baseline.omega / baseline.count);
  if (baseline.mean === 0 || Math.abs(baseline.mean) < CLEAR_OF_ZERO * errorOfBaseline)
    return {relative: null, absolute};
  // Delta method: the ratio R of the means has the standard error of (fault mean − R·baseline mean) / |baseline mean|.
  const ratio = fault.mean / baseline.mean;
  const contrast = weightedShift(shift, ratio);
  const reach = limitsOf({...contrast, estimate: 0}, alpha).upper / Math.abs(baseline.mean);
  const sign = Math.sign(baseline.mean);
  const estimate = shift.estimate / Math.abs(baseline.mean);
  return {relative: {estimate: sign * (ratio - 1), lower: estimate - reach, upper: estimate + reach}, absolute};
}

/**
 * Compares two windows of a metric. On the `ratio` scale the effect is exp(mean log fault − mean log baseline) − 1, on
 * the `level` scale the difference of the means. Each limit is one-sided at level `alpha`. Outliers are not removed.
 * Undefined when a window has fewer than two values.
 */
export function effectOf(
  baseline: Bins,
  fault: Bins,
  {alpha, scale = scaleOf(baseline, fault)}: {alpha: number; scale?: Scale},
): Effect | undefined {
  const shift = meanShift(onScale(baseline, scale), onScale(fault, scale));
  if (shift === undefined) return undefined;
  const least = detectableShift(shift, alpha);
  const zero = shift.baseline.mean === 0;
  return {
    scale,
    shift,
    detectable: scale === 'ratio' ? Math.expm1(least) : zero ? null : least / Math.abs(shift.baseline.mean),
    ...(scale === 'ratio' ? ratioEffect(shift, alpha) : levelEffect(shift, alpha)),
    cliffsDelta: cliffsDelta(present(baseline), present(fault)),
    hodgesLehmann: hodgesLehmann(present(baseline), present(fault)),
  };
}
