import {normalQuantile} from '../distributions/normal.js';
import {deflated, dispersionOf, totalOf, type CountBin} from '../effects/counts.js';
import type {ConfidenceLimits} from '../effects/shift.js';
import {shareLimits} from '../effects/shares.js';

/** Requests that failed above expectation. Negative: fewer failed than the baseline's share would have given. */
export interface LostRequests extends ConfidenceLimits {
  readonly estimate: number;
  readonly failed: number;
  readonly sent: number;
}

/**
 * Lost requests, k_y − n_y·p_x, with limits of level alpha each. What failed is counted, not estimated: only the
 * expectation is uncertain. Half of alpha goes to the baseline's share (Clopper and Pearson), half to how much the
 * failures that the share gives would have varied by themselves (normal, with the baseline's dispersion φ). Undefined
 * without requests in a window.
 */
export function lostRequests(
  baseline: readonly CountBin[],
  affected: readonly CountBin[],
  alpha: number,
): LostRequests | undefined {
  const before = totalOf(baseline);
  const {events: failed, trials: sent} = totalOf(affected);
  if (before.trials === 0 || sent === 0) return undefined;
  const dispersion = dispersionOf(baseline);
  const share = shareLimits(deflated(before, dispersion), alpha / 2);
  const z = normalQuantile(1 - alpha / 2);
  const varies = (expected: number) => z * Math.sqrt(dispersion * expected);
  const [least, most] = [sent * share.lower, sent * share.upper];
  return {
    estimate: failed - (sent * before.events) / before.trials,
    lower: failed - most - varies(most),
    upper: Math.min(failed, failed - least + varies(least)),
    failed,
    sent,
  };
}
