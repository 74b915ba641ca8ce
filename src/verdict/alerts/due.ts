import type {ExpectedAlertSpec} from '../../signals/alerts/spec.js';
import type {Facts} from '../facts.js';
import {injectedOf} from '../intervals.js';
import type {OccurrenceFacts} from '../occurrences.js';
import type {MetricResult} from '../result.js';

/** Whether an alert had to fire, and the injection that its times count from. */
export interface Due {
  readonly is: 'yes' | 'no' | 'unknown';
  readonly because: OccurrenceFacts;
}

/** The first injection under which something that is judged went so. */
function firstWith(
  verdict: 'deviated' | 'inconclusive',
  injected: readonly OccurrenceFacts[],
  metrics: readonly MetricResult[],
): OccurrenceFacts | undefined {
  const whole = metrics.some(({overall}) => overall?.decides === true && overall.verdict === verdict);
  if (whole) return injected[0];
  const on = metrics.flatMap(({intervals}) =>
    intervals.filter(interval => interval.kind === 'on' && interval.verdict === verdict),
  );
  return injected.find(({planned}) => on.some(({occurrence}) => occurrence === planned.id));
}

/**
 * An alert that is for when the steady state deviates counts from the injection under which it did so first. Undefined:
 * nothing was injected.
 */
export function dueOf(facts: Facts, {when}: ExpectedAlertSpec, metrics: readonly MetricResult[]): Due | undefined {
  const injected = [...injectedOf(facts)].sort((a, b) => (a.confirmedUs ?? 0) - (b.confirmedUs ?? 0));
  const [first] = injected;
  if (first === undefined) return undefined;
  if (when === 'always') return {is: 'yes', because: first};
  const deviated = firstWith('deviated', injected, metrics);
  if (deviated !== undefined) return {is: 'yes', because: deviated};
  const open = firstWith('inconclusive', injected, metrics);
  return open === undefined ? {is: 'no', because: first} : {is: 'unknown', because: open};
}
