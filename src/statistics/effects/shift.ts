import {studentCdf, studentQuantile} from '../distributions/student.js';
import {present, type Bins} from '../series/bins.js';
import {correlationOf, effectiveOf, longRunOf, noiseOf, spreadOfMeans, type Noise} from '../series/noise.js';
import {meanOf} from '../series/variance.js';

/** What one window contributes to a comparison. */
export interface WindowSide {
  readonly mean: number;
  /** Bins with a value. */
  readonly count: number;
  /** Long-run variance of a bin: Ω / count is the variance of the mean. */
  readonly omega: number;
  /** How many independent bins it is worth. */
  readonly effective: number;
  /** Degrees of freedom of omega. */
  readonly freedom: number;
}

/** A difference of two means with what is needed for any interval or test about it. */
export interface Shift {
  readonly estimate: number;
  readonly standardError: number;
  readonly freedom: number;
  readonly baseline: WindowSide;
  readonly fault: WindowSide;
  /** From one bin to the next, if the noise were an AR(1). */
  readonly correlation: number;
}

/** A shift with the noise of both windows, from which any other contrast of their means can be had. */
export interface MeanShift extends Shift {
  readonly noise: Noise;
}

/** Degrees of freedom of a sum of independent variances (Welch 1947, Satterthwaite 1946). */
export function welchFreedom(parts: readonly {readonly variance: number; readonly freedom: number}[]): number {
  const total = parts.reduce((sum, {variance}) => sum + variance, 0);
  const share = parts.reduce((sum, {variance, freedom}) => sum + variance ** 2 / freedom, 0);
  return share > 0 ? total ** 2 / share : parts.reduce((sum, {freedom}) => sum + freedom, 0);
}

/**
 * The same difference with coefficients: `weight` × (mean of the baseline) is subtracted from the mean of the fault.
 */
export function shiftOf(
  baseline: WindowSide,
  fault: WindowSide,
  {correlation, weight = 1}: {correlation: number; weight?: number},
): Shift {
  const parts = [
    {variance: (weight ** 2 * baseline.omega) / baseline.count, freedom: baseline.freedom},
    {variance: fault.omega / fault.count, freedom: fault.freedom},
  ];
  return {
    estimate: fault.mean - weight * baseline.mean,
    standardError: Math.sqrt(parts.reduce((sum, {variance}) => sum + variance, 0)),
    freedom: welchFreedom(parts),
    baseline,
    fault,
    correlation,
  };
}

function sideOf(noise: Noise, bins: Bins, {window, freedom}: {window: number; freedom: number}): WindowSide {
  const values = present(bins);
  return {
    mean: meanOf(values),
    count: values.length,
    omega: longRunOf(noise, window),
    effective: effectiveOf(noise, window),
    freedom,
  };
}

/**
 * Difference of the means of two windows, with a standard error that holds under autocorrelation and under a level that
 * wanders slowly below white noise: Student's t that has the limits of the mixture over all kinds of noise that these
 * windows may have (`noiseOf`). Undefined when a window has fewer than two values.
 */
export function meanShift(baseline: Bins, fault: Bins): MeanShift | undefined {
  if (present(baseline).length < 2 || present(fault).length < 2) return undefined;
  const noise = noiseOf([baseline, fault]);
  const spread = spreadOfMeans(noise, [1, 1]);
  const before = sideOf(noise, baseline, {window: 0, freedom: spread.freedom});
  const after = sideOf(noise, fault, {window: 1, freedom: spread.freedom});
  return {
    estimate: after.mean - before.mean,
    ...spread,
    baseline: before,
    fault: after,
    correlation: correlationOf(noise),
    noise,
  };
}

/**
 * The same windows with the baseline's mean weighted: `weight` × (mean of the baseline) is subtracted from the mean of
 * the fault.
 */
export function weightedShift(shift: MeanShift, weight: number): Shift {
  const {baseline, fault, noise} = shift;
  return {...shift, estimate: fault.mean - weight * baseline.mean, ...spreadOfMeans(noise, [weight, 1])};
}

export interface ConfidenceLimits {
  readonly lower: number;
  readonly upper: number;
}

/**
 * One-sided limits at level alpha each: the true difference is above `upper` in at most a share alpha of all runs, and
 * so below `lower`.
 */
export function limitsOf({estimate, standardError, freedom}: Shift, alpha: number): ConfidenceLimits {
  const reach = standardError === 0 ? 0 : studentQuantile(1 - alpha, freedom) * standardError;
  return {lower: estimate - reach, upper: estimate + reach};
}

/**
 * How likely an estimate at least this high is when the true difference is `margin`: the p-value of "above the margin".
 */
export function chanceAbove({estimate, standardError, freedom}: Shift, margin: number): number {
  if (standardError === 0) return estimate > margin ? 0 : 1;
  return 1 - studentCdf((estimate - margin) / standardError, freedom);
}
