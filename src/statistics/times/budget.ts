import {totalOf, type CountBin} from '../effects/counts.js';

/** A promise such as 99.9 % good requests over 30 days. */
export interface Objective {
  /** Share of good events that is promised, below 1. */
  readonly target: number;
  readonly periodSeconds: number;
}

/**
 * An alert of the SRE workbook (chapter 5): the budget burns at `rate` times the speed that would use it up over the
 * period, in a long window and still in a short one.
 */
export interface BurnAlert {
  readonly longSeconds: number;
  readonly shortSeconds: number;
  readonly rate: number;
}

const HOUR = 3600;

/**
 * The recommended alerts for a period of 30 days: two pages and a ticket; the short window is a twelfth of the long
 * one.
 */
export const BURN_ALERTS: readonly BurnAlert[] = [
  {longSeconds: HOUR, shortSeconds: HOUR / 12, rate: 14.4},
  {longSeconds: 6 * HOUR, shortSeconds: HOUR / 2, rate: 6},
  {longSeconds: 72 * HOUR, shortSeconds: 6 * HOUR, rate: 1},
];

/** How fast the budget burns: the share of bad events over the share that is allowed. Null without events. */
export function burnRate(bins: readonly CountBin[], {target}: Objective): number | null {
  const {events, trials} = totalOf(bins);
  return trials === 0 ? null : events / trials / (1 - target);
}

/** The share of the period's budget that these bins used up: burn rate × duration / period. Null without events. */
export function budgetSpent(bins: readonly CountBin[], objective: Objective, binSeconds: number): number | null {
  const rate = burnRate(bins, objective);
  return rate === null ? null : (rate * bins.length * binSeconds) / objective.periodSeconds;
}

/**
 * The burn rate that spends the share `cap` of the budget in `durationSeconds`: where an experiment must be stopped.
 */
export function burnRateForCap(cap: number, {periodSeconds}: Objective, durationSeconds: number): number {
  return (cap * periodSeconds) / durationSeconds;
}

/**
 * When an alert would have fired, as the index of the bin at whose end both windows are above the rate, at the earliest
 * `from`. Null: never. A window that reaches back beyond the bins is judged by what there is, so bins shorter than the
 * window fire earlier than a server with history would: put the history first, and look from its end on.
 */
export function burnAlertAt(
  bins: readonly CountBin[],
  alert: BurnAlert,
  {objective, binSeconds, from = 0}: {objective: Objective; binSeconds: number; from?: number},
): number | null {
  const long = runningTotals(bins, alert.longSeconds / binSeconds);
  const short = runningTotals(bins, alert.shortSeconds / binSeconds);
  const limit = alert.rate * (1 - objective.target);
  const fires = bins.findIndex((_, i) => i >= from && (long[i] ?? 0) > limit && (short[i] ?? 0) > limit);
  return fires === -1 ? null : fires;
}

/** The share of bad events over the last `length` bins, at each bin; over all of them where there are fewer. */
function runningTotals(bins: readonly CountBin[], length: number): readonly number[] {
  let events = 0;
  let trials = 0;
  return bins.map((bin, i) => {
    const gone = i >= length ? bins[i - Math.round(length)] : undefined;
    events += bin.events - (gone?.events ?? 0);
    trials += bin.trials - (gone?.trials ?? 0);
    return trials === 0 ? 0 : events / trials;
  });
}
