import {MAX_MISSING, MIN_WINDOW} from '../least.js';
import type {FlowSecond} from '../capacity/usl.js';
import {sweepDoubt, sweepOf} from '../capacity/sweep.js';
import type {Bins} from '../series/bins.js';
import {type Comparison} from './comparison.js';
import type {Doubt, JudgedMetric, Measured} from './metric.js';
import {lengthToSettle} from './settles.js';

/** Fewer independent values cannot prove that something held. */
const MIN_EFFECTIVE = 6;

const lostFrom = (bins: Bins) => (bins.some(value => value !== null) ? 'signal-lost' : 'nothing-measured');

const capacityDoubt = (seconds: readonly FlowSecond[]) => sweepDoubt(sweepOf(seconds));

/** Why nothing can be compared: it was never there, or not any more during the fault. */
function nothingOf(measured: Measured): Doubt {
  switch (measured.kind) {
    case 'bins':
      return lostFrom(measured.baseline);
    case 'groups':
      return lostFrom(measured.hit.baseline);
    case 'buckets':
      return [...measured.baseline, ...measured.fault].some(bin => bin !== null) ? 'no-traffic' : 'nothing-measured';
    case 'counts':
    case 'latency':
      return measured.baseline.length + measured.fault.length > 0 ? 'no-traffic' : 'nothing-measured';
    case 'capacity':
      return capacityDoubt(measured.baseline) ?? capacityDoubt(measured.fault) ?? 'few-levels';
    case 'blocks':
      return lostFrom(measured.blocks.map(({value}) => value));
  }
}

/** What speaks against a proof of either kind; `provenAlone`: it would deviate if it were the only metric. */
export function doubtsOf(
  metric: JudgedMetric,
  comparison: Comparison | undefined,
  provenAlone: boolean,
): readonly Doubt[] {
  const {measured, unreliable} = metric;
  const known: readonly Doubt[] = unreliable === undefined ? [] : [unreliable];
  if (comparison === undefined) return [...known, nothingOf(measured)];
  const {values, effective, missing, least} = comparison;
  const doubts: Doubt[] = [...known];
  if (missing > MAX_MISSING) doubts.push('gaps');
  if (metric.unsteady === true) doubts.push('unsteady-baseline');
  if (metric.smoothed === true) doubts.push('smoothed');
  if (values < least) doubts.push('few-values');
  if (effective < MIN_EFFECTIVE) doubts.push('few-independent-values');
  if (provenAlone) doubts.push('several-metrics');
  return doubts;
}

/** What a longer window does not take away. */
const STAYS: ReadonlySet<Doubt> = new Set([
  'gaps',
  'unsteady-baseline',
  'smoothed',
  'little-traffic',
  'under-sent',
  'late-before',
  'late-during',
  'brief-change',
]);

/** Nobody waits longer than so many times what a run took, and its noise says nothing about more. */
const MOST_TIMES = 10;

/**
 * How long both windows must be for nothing of this to stand in the way; null when no length that a person would choose
 * helps, or when it is not the length that is missing.
 */
export function settlesAt(comparison: Comparison | undefined, doubts: readonly Doubt[]): number | null {
  if (comparison === undefined || doubts.some(doubt => STAYS.has(doubt))) return null;
  const narrow = doubts.includes('wide-interval') ? lengthToSettle(comparison) : 0;
  if (narrow === null) return null;
  const independent =
    comparison.effective > 0 && Number.isFinite(comparison.effective)
      ? Math.ceil((comparison.values * MIN_EFFECTIVE) / comparison.effective)
      : 0;
  const needed = Math.max(comparison.least === 0 ? 0 : MIN_WINDOW, independent, narrow);
  const most = Math.max(MIN_WINDOW, MOST_TIMES * comparison.values);
  return needed > comparison.values && needed <= most ? needed : null;
}
