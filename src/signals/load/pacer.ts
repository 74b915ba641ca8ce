/** When an open-loop load sends: request n is due n/rate seconds after the start, whatever became of the others. */

/** When request `n` (from 0) is due, in µs since the start. */
export function intendedAt(n: number, ratePerSecond: number): number {
  return (n * 1e6) / ratePerSecond;
}

/** How many requests are due `elapsedUs` after the start: those whose intended time is not in the future. */
export function dueBy(elapsedUs: number, ratePerSecond: number): number {
  if (elapsedUs < 0) return 0;
  let count = Math.floor((elapsedUs * ratePerSecond) / 1e6) + 1;
  // Division and multiplication round differently: the two functions must agree on every request.
  while (intendedAt(count, ratePerSecond) <= elapsedUs) count++;
  while (count > 0 && intendedAt(count - 1, ratePerSecond) > elapsedUs) count--;
  return count;
}
