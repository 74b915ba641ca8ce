import {compare} from '../decisions/compare.js';
import {isInside, type ComparisonRules} from '../decisions/comparison.js';
import type {Measured} from '../decisions/metric.js';

/**
 * The third window of an A-B-A design: `back`, the time after the recovery is proven inside the margin of the baseline,
 * either way, so that what was seen between came from the fault; `confounded-with-time`, it is proven outside, so
 * something else changed too; `open`, the window is too short or too noisy to say.
 */
export type BackToBaseline = 'back' | 'confounded-with-time' | 'open';

/** With fewer values the noise itself is not known. */
const MIN_VALUES = 8;

/**
 * Compares the window after the recovery (the `fault` of what was measured) with the baseline; `by` is the allowed
 * change in both directions, alpha each side.
 */
export function backToBaseline(
  measured: Measured,
  {by, absolute, alpha, random}: Pick<ComparisonRules, 'by' | 'absolute' | 'alpha' | 'random'>,
): BackToBaseline {
  const comparison = compare(measured, {worse: 'either', by, critical: by, absolute, alpha, random});
  if (comparison === undefined || comparison.values < MIN_VALUES) return 'open';
  if (comparison.directions.some(({lower, margin}) => lower > margin)) return 'confounded-with-time';
  return comparison.directions.every(isInside) ? 'back' : 'open';
}
