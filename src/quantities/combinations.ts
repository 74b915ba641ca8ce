/** In how many ways k of n can be chosen, C(n, k); exact as long as a double is. */
export function combinations(n: number, k: number): number {
  let count = 1;
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i;
  return Math.round(count);
}
