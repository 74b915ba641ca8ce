import {distanceOutside, isWithin} from './tolerance.js';

/** Samples, or single seconds of a load, outside the tolerance. */
export interface OutsideValues {
  readonly count: number;
  /** How many values were looked at. */
  readonly of: number;
  /** The one that is furthest outside, in the metric's unit. */
  readonly worst: number;
}

/** The values outside the bounds; undefined when there are none. */
export function outsideValues(
  values: readonly number[],
  bounds: Parameters<typeof isWithin>[1],
): OutsideValues | undefined {
  const outside = values.filter(value => !isWithin(value, bounds));
  const [first, ...others] = outside;
  if (first === undefined) return undefined;
  const worst = others.reduce((a, b) => (distanceOutside(b, bounds) > distanceOutside(a, bounds) ? b : a), first);
  return {count: outside.length, of: values.length, worst};
}
