import type {MetricTimes, Result} from '../verdict/result.js';
import {say} from '../verdict/time.js';
import {areaWords, between, recoveryWords} from '../verdict/times/words.js';

/** One row of the times, the same in every format. */
export interface TimesRow {
  readonly metric: string;
  readonly fault: string;
  /** From the earliest onset to the moment by which it was proven. */
  readonly began: string;
  readonly back: string;
  readonly area: string;
}

/** What the columns mean: below the table. */
export const TIMES_NOTES: readonly string[] = [
  'A deviation began at the earliest at the first figure after the fault was in force, and was proven by the second. It was back between the two figures after the verified undo, or after the fault where the platform heals: inside its tolerance where it has one, else within the allowed change of its baseline. These are intervals because what is measured is noisy and comes second by second; “not proven” is no recovery.',
  'The area is deviation times duration: 30s is as much as 30s at twice the baseline, or at none of it where lower is worse. Errors count in seconds in which everything fails. In brackets: what it is for sure, 98 times of 100.',
];

function backCell({recovered, recoveries, tolerated, toleratedBeforeUndo}: MetricTimes): string {
  if (toleratedBeforeUndo !== undefined) return `${say(toleratedBeforeUndo)} after the fault, before the undo`;
  const relapses = recoveries.length - 1;
  const again = relapses <= 0 ? '' : `, ${relapses === 1 ? 'one relapse' : `${relapses} relapses`}`;
  if (tolerated !== null) return `${between(...tolerated)}${again}`;
  return recovered === null ? '–' : `${recoveryWords(recovered)}${again}`;
}

/**
 * A row for every metric and occurrence: when it began, when it was proven, when it was back, and how much it was in
 * all.
 */
export function timesRows({times, metrics}: Result): readonly TimesRow[] {
  return times.metrics.map(row => {
    const {metric, subject, occurrence, onset, unknown, area, allowed} = row;
    const unit = metrics.find(({name}) => name === metric)?.unit ?? 'number';
    return {
      metric: subject === undefined ? metric : `${metric} of ${subject}`,
      fault: occurrence,
      began:
        onset !== null
          ? between(Math.max(0, onset[0]), onset[1])
          : row.tolerated !== null || row.toleratedBeforeUndo !== undefined
            ? 'left its tolerance'
            : unknown === undefined
              ? 'no deviation'
              : 'baseline too short',
      back: backCell(row),
      area: area === null ? '–' : areaWords(area, allowed, unit),
    };
  });
}

/** What the run cost: requests, and the error budget. */
export function costSentences({times: {loads, budget}}: Result): readonly string[] {
  return [...loads.map(({text}) => text), ...(budget === null ? [] : [budget.text])];
}

/** Whether faults have to be told apart. */
export function hasSeveralFaults({times: {metrics}}: Result): boolean {
  return new Set(metrics.map(({occurrence}) => occurrence)).size > 1;
}
