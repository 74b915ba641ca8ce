import {limitsOf, shiftOf, type Limits, type Shift} from '../effects/shift.js';
import {medianInPlace, present, type Bins} from '../series/bins.js';
import {meanOf} from '../series/variance.js';
import {usualOf, type Usual} from './usual.js';

/** How much was lost in all: deviation times duration. Positive is worse. */
export interface Area {
  /** In baseline-seconds: 30 means as much as 30 s at +100 %; null where the baseline is about zero. */
  readonly relative: ({readonly estimate: number} & Limits) | null;
  /** In the metric's unit times seconds. */
  readonly absolute: {readonly estimate: number} & Limits;
}

/** A ratio to a baseline whose mean is not at least this many standard errors from zero says nothing. */
const CLEAR_OF_ZERO = 3;
/** Median of χ² with one degree of freedom: makes a median of squares a variance. */
const MEDIAN_OF_SQUARES = 0.4549;

/**
 * How much neighbouring bins of a window vary, from the median of their squared differences (von Neumann's estimate, made robust): the steps by
 * which a fault comes and goes are what is measured here, and must not count as noise.
 */
function neighbourVariance(bins: Bins, correlation: number): number {
  const squares = bins.flatMap((value, i) => {
    const before = bins[i - 1];
    return value === null || before === null || before === undefined ? [] : [(value - before) ** 2];
  });
  return (medianInPlace(squares) ?? 0) / MEDIAN_OF_SQUARES / (2 * (1 - correlation));
}

/** The window with the noise it would have had without the fault, or its own, whichever is more. */
function degradedSide({side, correlation, inflation}: Usual, degraded: Bins) {
  const values = present(degraded);
  const own = inflation * neighbourVariance(degraded, correlation);
  return {...side, mean: meanOf(values), count: values.length, omega: Math.max(side.omega, own)};
}

function relativeArea({side, correlation}: Usual, shift: Shift, alpha: number): Area['relative'] {
  const baseline = Math.abs(side.mean);
  if (baseline === 0 || baseline < CLEAR_OF_ZERO * Math.sqrt(side.omega / side.count)) return null;
  // Delta method: the ratio R of the means has the standard error of (mean − R·baseline mean) / |baseline mean|.
  const weight = shift.fault.mean / side.mean;
  const contrast = shiftOf(side, shift.fault, {correlation, weight});
  const reach = limitsOf({...contrast, freedom: side.freedom, estimate: 0}, alpha).upper / baseline;
  const estimate = shift.estimate / baseline;
  return {estimate, lower: estimate - reach, upper: estimate + reach};
}

/**
 * Signed area of degradation over the bins from onset to recovery (research/statistics 3.7): Σ(y/b − 1)·Δt with b the mean of the
 * baseline, and limits of level alpha each. What was measured is measured: uncertain are the baseline's mean, and how much the window
 * would have varied by itself. Never the positive part alone, which grows with noise. Undefined when there are fewer than two values.
 */
export function areaOf(
  baseline: Bins,
  degraded: Bins,
  {sign, binSeconds, alpha}: {sign: 1 | -1; binSeconds: number; alpha: number},
): Area | undefined {
  const usual = usualOf(baseline);
  if (usual === undefined || present(degraded).length < 2) return undefined;
  const {side, correlation} = usual;
  const shift = {...shiftOf(side, degradedSide(usual, degraded), {correlation}), freedom: side.freedom};
  const seconds = degraded.length * binSeconds;
  const scaled = ({estimate, lower, upper}: {estimate: number} & Limits) => ({
    estimate: sign * estimate * seconds,
    lower: (sign > 0 ? lower : -upper) * seconds,
    upper: (sign > 0 ? upper : -lower) * seconds,
  });
  const relative = relativeArea(usual, shift, alpha);
  return {
    relative: relative === null ? null : scaled(relative),
    absolute: scaled({estimate: shift.estimate, ...limitsOf(shift, alpha)}),
  };
}
