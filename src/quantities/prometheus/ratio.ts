/** Bad events among all, in one bin. */
export interface BadOfTotal {
  readonly bad: number;
  readonly total: number;
}

/**
 * Bad and total per bin, where both are known. Without traffic it is none of none: a ratio of nothing is nothing, not
 * zero. More bad than total is a matter of scrape times; it counts as all.
 */
export function badOfTotal(
  bad: readonly (number | null)[],
  total: readonly (number | null)[],
): readonly (BadOfTotal | null)[] {
  return total.map((all, i) => {
    const failed = bad[i] ?? null;
    return all === null || failed === null ? null : {bad: Math.min(failed, all), total: all};
  });
}
