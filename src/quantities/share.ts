import {parseWithUnit, shortNumber} from './number.js';

const PERCENT = new Map([['%', 1 / 100]]);

/** What a share looks like in a file, as a regular expression for the JSON Schema. */
export const SHARE_PATTERN = '^\\d+(\\.\\d+)? ?%$';

/**
 * 0 to 1 from `20%`, `99.9 %`; undefined when the text is no share (the `%` is required). More than 100 % is not
 * refused here.
 */
export function parseShare(text: string): number | undefined {
  const value = parseWithUnit(text, PERCENT);
  // 0.1 % is 0.001, not 0.0010000000000000002.
  return value === undefined ? undefined : Number(value.toPrecision(12));
}

/** `20%`, `0.5%`. */
export function formatShare(share: number): string {
  return `${shortNumber(share * 100)}%`;
}
