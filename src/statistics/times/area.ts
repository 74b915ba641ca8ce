import {limitsOf, shiftOf, type ConfidenceLimits, type Shift} from '../effects/shift.js';
import {medianInPlace, present, type Bins} from '../series/bins.js';
import {meanOf} from '../series/variance.js';
import {usualOf, type Usual} from './usual.js';

/**
 * How a value answers to a change that comes inside its bin, as shares of the bin: by how much too early (`over`) or
 * too late (`under`) it may show the change at the most.
 */
export interface AreaEdge {
  readonly over: number;
  readonly under: number;
}

/** How much was lost in all: deviation times duration. Positive is worse. */
export interface Area {
  /** In baseline-seconds: 30 means as much as 30 s at +100 %; null where the baseline is about zero. */
  readonly relative: ({readonly estimate: number} & ConfidenceLimits) | null;
  /** In the metric's unit times seconds. */
  readonly absolute: {readonly estimate: number} & ConfidenceLimits;
}

/** A ratio to a baseline whose mean is not at least this many standard errors from zero says nothing. */
const CLEAR_OF_ZERO = 3;
/** Median of χ² with one degree of freedom: makes a median of squares a variance. */
const MEDIAN_OF_SQUARES = 0.4549;

/**
 * How much neighbouring bins of a window vary, from the median of their squared differences (von Neumann's estimate,
 * made robust): the steps by which a fault comes and goes are what is measured here, and must not count as noise.
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
 * The largest rise and the largest fall of a window together: by so much times what a bin hides of a moment may its
 * area be off, because a fault comes and goes inside a bin. Within two steps, since the bin of the change itself lies
 * between the levels.
 */
function stepsOf(usual: number, degraded: Bins): number {
  const levels = [usual, ...present(degraded)];
  let [rise, fall] = [0, 0];
  levels.forEach((level, i) => {
    for (const before of levels.slice(Math.max(0, i - 2), i)) {
      rise = Math.max(rise, level - before);
      fall = Math.max(fall, before - level);
    }
  });
  return rise + fall;
}

export interface AreaRules {
  readonly sign: 1 | -1;
  readonly binSeconds: number;
  /** Of each limit. */
  readonly alpha: number;
  /** Left out: the bins are what there is, and nothing comes or goes inside one. */
  readonly edge?: AreaEdge;
}

const WHOLE_BINS: AreaEdge = {over: 0, under: 0};

/**
 * Signed area of degradation over the bins from the injection to the recovery: Σ(y/b − 1)·Δt with b the mean of the
 * baseline, and limits of level alpha each. What was measured is measured: uncertain are the baseline's mean, how much
 * the window would have varied by itself, and what a bin hides of the moments at which the fault came and went. Never
 * the positive part alone, which grows with noise. Undefined when there are fewer than two values.
 */
export function areaOf(
  baseline: Bins,
  degraded: Bins,
  {sign, binSeconds, alpha, edge = WHOLE_BINS}: AreaRules,
): Area | undefined {
  const usual = usualOf(baseline);
  if (usual === undefined || present(degraded).length < 2) return undefined;
  const {side, correlation} = usual;
  const shift = {...shiftOf(side, degradedSide(usual, degraded), {correlation}), freedom: side.freedom};
  const seconds = degraded.length * binSeconds;
  const steps = stepsOf(side.mean, degraded) * binSeconds;
  const scaled = ({estimate, lower, upper}: {estimate: number} & ConfidenceLimits, unit: number) => ({
    estimate: sign * estimate * seconds,
    lower: (sign > 0 ? lower : -upper) * seconds - (edge.over * steps) / unit,
    upper: (sign > 0 ? upper : -lower) * seconds + (edge.under * steps) / unit,
  });
  const relative = relativeArea(usual, shift, alpha);
  return {
    relative: relative === null ? null : scaled(relative, Math.abs(side.mean)),
    absolute: scaled({estimate: shift.estimate, ...limitsOf(shift, alpha)}, 1),
  };
}
