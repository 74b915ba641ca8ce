import {present, type Bins} from '../series/bins.js';

/** How a metric is compared: positive numbers by their ratio (on the log scale), all others by their difference. */
export type Scale = 'ratio' | 'level';

/**
 * The scale for a metric: `ratio` when every value of every window is above zero, because noise of such metrics grows
 * with their level. Decided over all windows together, so that a change of unit cannot change it.
 */
export function scaleOf(...windows: readonly Bins[]): Scale {
  return windows.every(bins => bins.every(value => value === null || value > 0)) ? 'ratio' : 'level';
}

/** The bins as they are compared: their logarithms on the `ratio` scale. */
export function onScale(bins: Bins, scale: Scale): Bins {
  return scale === 'level' ? bins : bins.map(value => (value === null || value <= 0 ? null : Math.log(value)));
}

/** A mean on the scale as a value of the metric: on the `ratio` scale the geometric mean. */
export function fromScale(mean: number, scale: Scale): number {
  return scale === 'ratio' ? Math.exp(mean) : mean;
}

/** The usual size of a metric, which a share of it is of. */
function sizeOf(baseline: Bins): number {
  const values = present(baseline);
  return Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length);
}

/**
 * The change that is allowed, on the scale: from `by` (0.1 for 10 %, or, of an absolute change, in the unit of the
 * baseline) in the bad direction; `Infinity` where nothing can exceed it.
 */
export function marginOf(
  by: number,
  worse: 'higher' | 'lower',
  {scale, baseline, absolute = false}: {scale: Scale; baseline: Bins; absolute?: boolean | undefined},
): number {
  if (scale === 'level') return absolute ? by : by * sizeOf(baseline);
  const share = absolute ? by / sizeOf(baseline) : by;
  return worse === 'higher' ? Math.log1p(share) : share >= 1 ? Infinity : -Math.log1p(-share);
}
