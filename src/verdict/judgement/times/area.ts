import {effectOf} from '../effects/effect.js';
import type {Limits} from '../effects/shift.js';
import type {Bins} from '../series/bins.js';

/** How much was lost in all: deviation times duration. Positive is worse. */
export interface Area {
  /** In baseline-seconds: 30 means as much as 30 s at +100 %; null where the baseline is about zero. */
  readonly relative: ({readonly estimate: number} & Limits) | null;
  /** In the metric's unit times seconds. */
  readonly absolute: {readonly estimate: number} & Limits;
}

/**
 * Signed area of degradation over the bins from onset to recovery (research/statistics 3.7): Σ(y/b − 1)·Δt with b the mean of the
 * baseline, and limits of level alpha each by the interval of the mean. Never the positive part alone, which grows with noise.
 * Undefined when there are fewer than two values.
 */
export function areaOf(
  baseline: Bins,
  degraded: Bins,
  {sign, binSeconds, alpha}: {sign: 1 | -1; binSeconds: number; alpha: number},
): Area | undefined {
  // The mean itself is wanted, not the typical value: sums of what was lost are sums on the natural scale.
  const effect = effectOf(baseline, degraded, {alpha, scale: 'level'});
  if (effect === undefined) return undefined;
  const seconds = degraded.length * binSeconds;
  const scaled = ({estimate, lower, upper}: {estimate: number} & Limits) => ({
    estimate: sign * estimate * seconds,
    lower: (sign > 0 ? lower : -upper) * seconds,
    upper: (sign > 0 ? upper : -lower) * seconds,
  });
  return {relative: effect.relative === null ? null : scaled(effect.relative), absolute: scaled(effect.absolute)};
}
