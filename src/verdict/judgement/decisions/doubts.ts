import type {Comparison} from './comparison.js';
import type {Doubt, JudgedMetric} from './metric.js';

/** Fewer bins, or independent ones, cannot prove that something held (research/statistics 3.8). */
const MIN_BINS = 30;
const MIN_EFFECTIVE = 6;
/** More missing than this is a finding of its own. */
const MAX_MISSING = 0.2;

/** What speaks against a proof of either kind; `provenAlone`: it would deviate if it were the only metric. */
export function doubtsOf(
  metric: JudgedMetric,
  comparison: Comparison | undefined,
  provenAlone: boolean,
): readonly Doubt[] {
  const {measured} = metric;
  if (comparison === undefined) {
    const had = measured.kind === 'bins' && measured.baseline.some(value => value !== null);
    return [had ? 'signal-lost' : 'nothing-measured'];
  }
  const {values, effective, missing} = comparison;
  const doubts: Doubt[] = [];
  if (missing > MAX_MISSING) doubts.push('gaps');
  if (metric.unsteady === true) doubts.push('unsteady-baseline');
  if (metric.smoothed === true) doubts.push('smoothed');
  if (values < MIN_BINS) doubts.push('few-values');
  if (effective < MIN_EFFECTIVE) doubts.push('few-independent-values');
  if (provenAlone) doubts.push('several-metrics');
  return doubts;
}

/** How long both windows must be for nothing of this to stand in the way; null when no length would help. */
export function settlesAt(comparison: Comparison | undefined, doubts: readonly Doubt[]): number | null {
  if (comparison === undefined || doubts.some(doubt => doubt === 'gaps' || doubt === 'unsteady-baseline')) return null;
  const narrow = doubts.includes('wide-interval') ? comparison.settles() : 0;
  if (narrow === null) return null;
  const independent =
    comparison.effective > 0 && Number.isFinite(comparison.effective)
      ? Math.ceil((comparison.values * MIN_EFFECTIVE) / comparison.effective)
      : 0;
  return Math.max(MIN_BINS, independent, narrow);
}
