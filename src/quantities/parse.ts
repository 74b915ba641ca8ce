import {parseDuration} from './duration.js';
import {parseRate} from './rate.js';
import {parseShare} from './share.js';
import {parseSize} from './size.js';
import type {Unit} from './unit.js';

/**
 * A value of a metric as written in a file, in the metric's unit; undefined when its own unit is missing or another
 * one.
 */
export function parseQuantity(given: string | number, unit: Unit): number | undefined {
  if (unit === 'count' || unit === 'number') return typeof given === 'number' ? given : undefined;
  if (typeof given === 'number') return undefined;
  switch (unit) {
    case 'ms':
      return parseDuration(given);
    case 'ratio':
      return parseShare(given);
    case 'per-second':
      return parseRate(given);
    case 'bytes':
      return parseSize(given);
  }
}
