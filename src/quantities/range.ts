/** Which values a number can have, in its unit. What is left out has no such end. */
export interface ValueRange {
  readonly least?: number;
  readonly most?: number;
  /** All values are smaller than this. */
  readonly below?: number;
}

/** 1 or 0. */
export const YES_OR_NO: ValueRange = {least: 0, most: 1};
/** What is counted, or an amount of something. */
export const NOT_NEGATIVE: ValueRange = {least: 0};
/** A share of all. */
export const SHARE: ValueRange = {least: 0, most: 1};
/** Nothing is known of it. */
export const ANY: ValueRange = {};

/** Whether every value in the range is below the bound. */
export function isAlwaysBelow({most, below}: ValueRange, bound: number): boolean {
  return (most !== undefined && most < bound) || (below !== undefined && below <= bound);
}

/** Whether no value in the range is below the bound. */
export function isNeverBelow({least}: ValueRange, bound: number): boolean {
  return least !== undefined && least >= bound;
}

/** Whether every value in the range is above the bound. */
export function isAlwaysAbove({least}: ValueRange, bound: number): boolean {
  return least !== undefined && least > bound;
}

/** Whether no value in the range is above the bound. */
export function isNeverAbove({most, below}: ValueRange, bound: number): boolean {
  return (most !== undefined && most <= bound) || (below !== undefined && below <= bound);
}
