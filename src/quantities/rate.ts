import {parseWithUnit, shortNumber} from './number.js';

const PER_SECOND = new Map([
  ['/s', 1],
  ['/m', 1 / 60],
  ['/min', 1 / 60],
  ['/h', 1 / 3600],
]);

/** What a rate looks like in a file, as a regular expression for the JSON Schema. */
export const RATE_PATTERN = '^\\d+(\\.\\d+)?/(s|m|min|h)$';

/** Events per second from `100/s`, `90/m`; undefined when the text is no rate (a unit is required). */
export function parseRate(text: string): number | undefined {
  return parseWithUnit(text, PER_SECOND);
}

/** `100/s`, `0.25/s`. */
export function formatRate(perSecond: number): string {
  return `${shortNumber(perSecond)}/s`;
}
