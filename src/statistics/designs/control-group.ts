import {onScale, scaleOf, type Scale} from '../effects/scale.js';
import {meanShift, type Shift} from '../effects/shift.js';
import type {Bins} from '../series/bins.js';

/**
 * A metric of the targets that were hit, or of those that were not, before and during the fault; bin by bin at the same
 * times.
 */
export interface GroupWindows {
  readonly baseline: Bins;
  readonly fault: Bins;
}

/**
 * Hit minus control, bin by bin; missing where either is. What moves both groups alike, time of day and load, is gone.
 */
function apart(hit: Bins, control: Bins): Bins {
  return hit.map((value, i) => {
    const other = control[i] ?? null;
    return value === null || other === null ? null : value - other;
  });
}

/**
 * Difference in differences (Angrist and Pischke 2009, chapter 5): how the distance between the hit targets and the
 * control group changed when the fault came. On the `ratio` scale distances are ratios (differences of logarithms).
 * Undefined when a window has fewer than two common bins.
 */
export function differenceInDifferences(
  hit: GroupWindows,
  control: GroupWindows,
  scale: Scale = scaleOf(hit.baseline, hit.fault, control.baseline, control.fault),
): {readonly scale: Scale; readonly shift: Shift; readonly distances: GroupWindows} | undefined {
  const on = (bins: Bins) => onScale(bins, scale);
  const distances = {
    baseline: apart(on(hit.baseline), on(control.baseline)),
    fault: apart(on(hit.fault), on(control.fault)),
  };
  const shift = meanShift(distances.baseline, distances.fault);
  return shift === undefined ? undefined : {scale, shift, distances};
}
