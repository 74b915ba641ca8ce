import {normalCdf, normalQuantile} from '../distributions/normal.js';
import type {ConfidenceLimits} from './shift.js';

/** An estimate with its limits; any of them may be infinite. */
interface LimitedEstimate extends ConfidenceLimits {
  readonly estimate: number;
}

export interface EstimateDifference extends LimitedEstimate {
  /** Of a difference as large as this, either way, where there is none. */
  readonly chance: number;
}

/**
 * The difference of two independent estimates of which only the limits are known, each of level `given`, with limits of
 * level `asked` each: the variances are recovered from the limits (MOVER; Zou and Donner 2008), so that limits that are
 * not symmetric stay so. Where an estimate is infinite (so many requests without an answer), limits that do not meet
 * are proof.
 */
export function differenceOf(
  first: LimitedEstimate,
  second: LimitedEstimate,
  {given, asked}: {readonly given: number; readonly asked: number},
): EstimateDifference {
  const estimate = second.estimate - first.estimate;
  if (!Number.isFinite(first.estimate) || !Number.isFinite(second.estimate)) {
    const limits = {lower: second.lower - first.upper, upper: second.upper - first.lower};
    return {estimate, ...known(limits), chance: limits.lower > 0 || limits.upper < 0 ? 0 : 1};
  }
  const below = Math.hypot(second.estimate - second.lower, first.upper - first.estimate);
  const above = Math.hypot(second.upper - second.estimate, first.estimate - first.lower);
  const z = normalQuantile(1 - given);
  const factor = normalQuantile(1 - asked) / z;
  const reach = estimate > 0 ? below : above;
  const scores = reach === 0 ? Math.sign(Math.abs(estimate)) * Infinity : (Math.abs(estimate) / reach) * z;
  return {
    estimate,
    lower: estimate - factor * below,
    upper: estimate + factor * above,
    chance: Number.isNaN(scores) ? 1 : 2 * (1 - normalCdf(scores)),
  };
}

/** Infinity less infinity is no limit. */
function known({lower, upper}: ConfidenceLimits): ConfidenceLimits {
  return {lower: Number.isNaN(lower) ? -Infinity : lower, upper: Number.isNaN(upper) ? Infinity : upper};
}
