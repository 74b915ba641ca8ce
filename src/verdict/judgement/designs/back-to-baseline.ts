import {limitsOf, meanShift} from '../effects/shift.js';
import {marginOf, onScale, scaleOf} from '../effects/scale.js';
import type {Bins} from '../series/bins.js';

/**
 * The third window of an A-B-A design (research/statistics 3.9): `back`, the time after the recovery is proven inside the margin of the baseline, either way,
 * so that what was seen between came from the fault; `confounded-with-time`, it is proven outside, so something else changed too;
 * `open`, the window is too short or too noisy to say.
 */
export type BackToBaseline = 'back' | 'confounded-with-time' | 'open';

/** Compares the window after the recovery with the baseline; `by` is the allowed relative change in both directions, alpha each side. */
export function backToBaseline(
  baseline: Bins,
  afterwards: Bins,
  {by, alpha}: {by: number; alpha: number},
): BackToBaseline {
  const scale = scaleOf(baseline, afterwards);
  const shift = meanShift(onScale(baseline, scale), onScale(afterwards, scale));
  if (shift === undefined) return 'open';
  const {lower, upper} = limitsOf(shift, alpha);
  const up = marginOf(by, 'higher', {scale, baseline});
  const down = marginOf(by, 'lower', {scale, baseline});
  if (lower > up || upper < -down) return 'confounded-with-time';
  return lower > -down && upper < up ? 'back' : 'open';
}
