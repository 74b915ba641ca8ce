import {betaQuantile} from '../distributions/beta.js';
import {normalQuantile} from '../distributions/normal.js';
import type {ConfidenceLimits} from './shift.js';

/** Events among trials. Counts that were deflated are not whole numbers. */
export interface EventCount {
  readonly events: number;
  readonly trials: number;
}

/** Limits of a share, each one-sided at level alpha (Clopper and Pearson 1934); counts may be deflated ones. */
export function shareLimits({events, trials}: EventCount, alpha: number): ConfidenceLimits {
  if (trials <= 0) return {lower: 0, upper: 1};
  return {
    lower: events <= 0 ? 0 : betaQuantile(alpha, events, trials - events + 1),
    upper: events >= trials ? 1 : betaQuantile(1 - alpha, events + 1, trials - events),
  };
}

/** Wilson's score limits (1927): what Newcombe's difference is made of. */
function wilsonLimits({events, trials}: EventCount, alpha: number): ConfidenceLimits {
  if (trials <= 0) return {lower: 0, upper: 1};
  const z = normalQuantile(1 - alpha);
  const share = events / trials;
  const centre = share + (z * z) / (2 * trials);
  const reach = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const all = 1 + (z * z) / trials;
  return {lower: Math.max(0, (centre - reach) / all), upper: Math.min(1, (centre + reach) / all)};
}

/**
 * Limits of the difference of two shares, fault − baseline, each one-sided at level alpha (Newcombe 1998, method 10).
 */
export function differenceLimits(baseline: EventCount, fault: EventCount, alpha: number): ConfidenceLimits {
  const [p, q] = [baseline.events / baseline.trials, fault.events / fault.trials];
  const [before, after] = [wilsonLimits(baseline, alpha), wilsonLimits(fault, alpha)];
  return {
    lower: q - p - Math.hypot(q - after.lower, before.upper - p),
    upper: q - p + Math.hypot(after.upper - q, p - before.lower),
  };
}
