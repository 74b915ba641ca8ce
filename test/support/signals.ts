import type {MetricSpec} from '../../src/experiment/experiment.js';
import {bucketOf} from '../../src/quantities/histogram.js';
import type {Series} from '../../src/record/evidence.js';
import type {LoadSecond} from '../../src/signals/contract.js';

/** Builders for what a run measures; times in seconds of a clock that starts at zero. */

const US = 1_000_000;

export const loadMetric = (overrides: Partial<MetricSpec> = {}): MetricSpec => ({
  name: 'checkout errors',
  source: 'load',
  parameters: {of: 'checkout', measure: 'errors.ratio'},
  everyMs: 1000,
  timeoutMs: 1000,
  unit: 'ratio',
  worse: 'higher',
  tolerance: {below: 0.01, settlesWithinMs: 0},
  judge: ['fault', 'recovery'],
  ...overrides,
});

export const sampledMetric = (overrides: Partial<MetricSpec> = {}): MetricSpec => ({
  name: 'queue depth',
  source: 'command',
  parameters: {},
  everyMs: 1000,
  timeoutMs: 1000,
  unit: 'count',
  worse: 'higher',
  tolerance: {below: 100, settlesWithinMs: 0},
  judge: ['fault', 'recovery'],
  ...overrides,
});

/**
 * A second of load with `ok` answers at `latencyMs` and `failed` ones; `unsent` more were intended but could not be
 * sent.
 */
export function second(
  at: number,
  of: {load?: string; ok?: number; failed?: number; unsent?: number; latencyMs?: number; lagMs?: number},
): LoadSecond {
  const {load = 'checkout', ok = 0, failed = 0, unsent = 0, latencyMs = 20, lagMs = 0} = of;
  const bucket = bucketOf(latencyMs * 1000);
  return {
    load,
    at: at * US,
    intended: ok + failed + unsent,
    sent: ok + failed,
    lagP99: lagMs * 1000,
    outcomes: {
      ...(ok > 0 ? {ok: [[bucket, ok]] as const} : {}),
      ...(failed > 0 ? {'status-503': [[bucket, failed]] as const} : {}),
      ...(unsent > 0 ? {unsent: [[0, unsent]] as const} : {}),
    },
  };
}

/** Whole seconds from `from` up to (not including) `to`, all alike. */
export function seconds(from: number, to: number, of: Parameters<typeof second>[1]): LoadSecond[] {
  return Array.from({length: to - from}, (_, i) => second(from + i, of));
}

/** One sample a second from `from`; null is a probe that threw. */
export function series(
  values: readonly (number | null)[],
  at: {from?: number; subject?: string; metric?: string; id?: number; every?: number} = {},
): Series {
  const {from = 0, subject, metric = 'queue depth', id = 1, every = 1} = at;
  return {
    id,
    metric,
    ...(subject === undefined ? {} : {subject}),
    samples: values.map((value, i) => ({
      t: (from + i * every) * US,
      d: 1000,
      value,
      ...(value === null ? {why: 'the probe timed out'} : {}),
    })),
  };
}

export const span = (from: number, to: number) => ({fromUs: from * US, toUs: to * US});
