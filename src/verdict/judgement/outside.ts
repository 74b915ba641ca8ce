import type {OutsideValues} from '../result.js';
import {distanceOutside, isWithin} from './tolerance.js';

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
