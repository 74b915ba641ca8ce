/** Bad events among all, in one bin. */
export interface BadOfTotal {
  readonly bad: number;
  readonly total: number;
}

/**
 * Bad and total per bin, where both are known. A bin with fewer than `minimumTotal` events is missing: a ratio without traffic is nothing, not zero.
 * More bad than total is a matter of scrape times; it counts as all.
 */
export function badOfTotal(
  bad: readonly (number | null)[],
  total: readonly (number | null)[],
  minimumTotal: number,
): readonly (BadOfTotal | null)[] {
  return total.map((all, i) => {
    const failed = bad[i] ?? null;
    if (all === null || failed === null || all <= 0 || all < minimumTotal) return null;
    return {bad: Math.min(failed, all), total: all};
  });
}
