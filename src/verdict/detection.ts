import {decidesByDeviation} from '../experiment/deciding.js';
import type {Facts} from './facts.js';
import {affectedSpan} from './impact.js';
import {outOfTolerance} from './out-of-tolerance.js';
import {injectedOf} from './intervals.js';
import {SECOND_US} from '../quantities/duration.js';
import type {AlertResult, Result, TimesResult} from './result.js';
import {sayUs} from './time.js';

export interface FirstDetection {
  readonly sentence: string;
  /** Which metric left what is allowed first, and how long after its injection; undefined when none did. */
  readonly detected?: NonNullable<Result['detected']>;
}

/** When a metric that is judged by its change was proven to have changed. */
function provenChanges({experiment, occurrences}: Facts, times: TimesResult) {
  return times.metrics.flatMap(({metric, occurrence, onset}) => {
    const decides = experiment.steadyState.some(spec => spec.name === metric && decidesByDeviation(spec));
    const fromUs = occurrences.find(({planned}) => planned.id === occurrence)?.confirmedUs ?? null;
    return !decides || onset === null || fromUs === null ? [] : [{metric, firstUs: fromUs + onset[1] * SECOND_US}];
  });
}

/** From the injection that a moment belongs to until then, µs; not below 0. */
export function sinceInjection(facts: Facts, us: number): number {
  // The last one before it: a second of load may begin before the T0 that lies in it.
  const t0s = injectedOf(facts).map(({confirmedUs}) => confirmedUs ?? Infinity);
  const before = t0s.filter(t0 => t0 <= us + SECOND_US);
  return Math.max(0, us - (before.length > 0 ? Math.max(...before) : Math.min(...t0s)));
}

/** `at once`, `3.2s after the fault was in force`. */
export function seenWords(afterUs: number): string {
  return afterUs === 0 ? 'at once' : `${sayUs(afterUs)} after the fault was in force`;
}

/** What the alerts that were to tell of it did. */
function alertSentence(alerts: readonly AlertResult[]): string {
  const expected = alerts.filter(({role}) => role === 'expected');
  if (expected.length === 0) return 'Nothing alerted: no alert is expected in this file.';
  return expected.map(({alert, why}) => `Alert ${alert}: ${why}.`).join(' ');
}

/** Which metric showed the effect first, what the expected alerts did, and whether a guard stopped the run. */
export function detect(
  facts: Facts,
  {times, alerts: seen}: {readonly times: TimesResult; readonly alerts: readonly AlertResult[]},
): FirstDetection {
  const span = affectedSpan(facts);
  if (span === undefined) return {sentence: 'Nothing was injected.'};
  const left = facts.experiment.steadyState
    .map(metric => outOfTolerance(metric, facts, span))
    .flatMap(({metric, firstUs}) => (firstUs === null ? [] : [{metric, firstUs}]));
  const [first] = [...left, ...provenChanges(facts, times)].sort((a, b) => a.firstUs - b.firstUs);
  const guard = facts.end.kind === 'guard' ? ` A guard stopped the run: ${facts.end.detail}.` : '';
  const alerts = alertSentence(seen);
  if (first === undefined)
    return {
      sentence: `No metric ${facts.experiment.steadyState.some(decidesByDeviation) ? 'was proven to change by more than is allowed' : 'left its tolerance'}.${guard} ${alerts}`,
    };
  const afterUs = sinceInjection(facts, first.firstUs);
  const when = seenWords(afterUs);
  return {
    sentence: `${first.metric} showed it first, ${when}.${guard} ${alerts}`,
    detected: {metric: first.metric, seconds: Math.round(afterUs / 1000) / 1000},
  };
}
