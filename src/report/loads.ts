import type {LoadResult, Result} from '../verdict/result.js';
import {quantity} from '../verdict/phrase.js';

/** One row of the loads, the same in every format. */
export interface LoadRow {
  readonly load: string;
  readonly due: string;
  readonly unsent: string;
  readonly achieved: string;
  readonly lag: string;
  readonly dispersion: string;
}

export const LOAD_COLUMNS = [
  'Due',
  'Not sent',
  'Sent per second, of what was asked',
  'Sent late by, p50 and p99',
  'Dispersion, sent and planned',
] as const;

/** What the columns mean: below the table. */
export const LOAD_NOTES: readonly string[] = [
  'Latencies count from when a request was due. A 99th percentile of lateness above 5ms and above a tenth of the latency’s makes latencies that look too high inconclusive: “generator-limited”.',
  'Dispersion is the variance over the mean of requests per 10ms: 0 is evenly spaced (where there is at least one per 10ms), 1 is independent users, more is bursts.',
];

const late = (ms: number | null) => (ms === null ? '–' : quantity(ms, 'ms'));

function row({load, intended, unsent, askedPerSecond, achievedPerSecond, lag, dispersion}: LoadResult): LoadRow {
  return {
    load,
    due: String(intended),
    unsent: String(unsent),
    achieved: `${achievedPerSecond} of ${askedPerSecond}`,
    lag: `${late(lag.p50)}, ${late(lag.p99)}`,
    dispersion: dispersion === null ? '–' : `${dispersion.sent}, ${dispersion.planned}`,
  };
}

/** A row for every load: what was asked of the generator, and what it did. */
export function loadRows({loads}: Result): readonly LoadRow[] {
  return loads.map(row);
}

/** Where the generator, not the target, was the limit. */
export function limitSentences({loads}: Result): readonly string[] {
  return loads.flatMap(({load, limited}) => limited.map(({interval, why}) => `Load ${load}, ${interval}: ${why}.`));
}
