import {appliesIn} from '../../experiment/deciding.js';
import type {MetricSpec} from '../../experiment/experiment.js';
import type {Facts} from '../facts.js';
import {injectedOf, recoveryOrigin} from '../intervals.js';
import {loadOf, samplesIn, seriesOf, wholeSecondsIn, type Span} from '../judgement/data.js';
import {SECOND_US} from '../../quantities/duration.js';
import {numberOf} from '../../statistics/series/bins.js';
import {loadValue} from '../judgement/load-window.js';
import {isWithin} from '../judgement/tolerance.js';
import {causeOf} from '../phrase.js';
import type {AlreadyBack} from '../result.js';
import {say} from '../time.js';

/** The moments of a span at which a metric was not seen inside its tolerance: outside, or without a value. µs. */
function awayIn(metric: MetricSpec, {evidence}: Facts, span: Span): readonly number[] {
  const bounds = metric.tolerance ?? {};
  const isAway = (value: number | null) => value === null || !isWithin(value, bounds);
  if (metric.source === 'load') {
    const seconds = wholeSecondsIn(loadOf(metric), evidence.loads, {...span, fromUs: span.fromUs - SECOND_US});
    return seconds.flatMap(second => (isAway(loadValue(metric, [second])) ? [second.at + SECOND_US] : []));
  }
  return seriesOf(metric, evidence).flatMap(series =>
    samplesIn(series, span).flatMap(sample => (isAway(numberOf(sample)) ? [sample.t] : [])),
  );
}

/**
 * Two looks of any of the metrics, µs: what was away that shortly before the undo was not seen to be back before it.
 */
function twoLooks(metrics: readonly MetricSpec[]): number {
  return 2 * Math.max(...metrics.map(({source, everyMs}) => (source === 'load' ? SECOND_US : everyMs * 1000)));
}

/**
 * Whether everything that is judged was back before `undoneUs`, when the recovery began: a target that healed by
 * itself, or an outage within `settlesWithin`. Only tolerances can say that of a single look; undefined where it came
 * back later, or is not known.
 */
export function alreadyBack(facts: Facts, undoneUs: number): AlreadyBack | undefined {
  const metrics = facts.experiment.steadyState.filter(
    metric =>
      metric.judge.length > 0 &&
      (metric.tolerance ?? metric.deviation) !== undefined &&
      appliesIn(metric, 'recovery') &&
      appliesIn(metric, 'fault'),
  );
  if (metrics.length === 0 || metrics.some(({tolerance}) => tolerance === undefined)) return undefined;
  const injected = injectedOf(facts);
  const fromUs = Math.min(...injected.map(({requestedUs, confirmedUs}) => requestedUs ?? confirmedUs ?? undoneUs));
  const lastUs = metrics
    .flatMap(metric => awayIn(metric, facts, {fromUs, toUs: undoneUs}))
    .reduce((a, b) => Math.max(a, b), 0);
  if (lastUs === 0) return {afterSeconds: null, cause: 'the fault', beforeSeconds: null};
  const before = injected.filter(({requestedUs}) => requestedUs !== null && requestedUs < lastUs).at(-1);
  // Where the platform heals, the recovery begins with the fault: there is no undo to be back before.
  if (recoveryOrigin(facts) !== 'undo') return undefined;
  if (before === undefined || undoneUs - lastUs < twoLooks(metrics)) return undefined;
  const zeroUs = (before.planned.nature === 'event' ? before.requestedUs : before.confirmedUs) ?? lastUs;
  const seconds = (us: number) => Math.max(0, Math.round(us / 1000) / 1000);
  return {
    afterSeconds: seconds(lastUs - zeroUs),
    cause: causeOf(before),
    beforeSeconds: seconds(undoneUs - lastUs),
  };
}

/**
 * `The steady state was back 4.4s after the kill, 21s before the undo`, without a full stop; undefined where it was
 * never away.
 */
export function alreadyBackWords({afterSeconds, cause, beforeSeconds}: AlreadyBack): string | undefined {
  return afterSeconds === null || beforeSeconds === null
    ? undefined
    : `The steady state was back ${say(afterSeconds)} after ${cause}, ${say(beforeSeconds)} before the undo`;
}

/** The same as a sentence that also says when there was nothing to come back from. */
export function alreadyBackSentence(already: AlreadyBack): string {
  return `${alreadyBackWords(already) ?? 'No metric was seen outside its tolerance, so there was nothing to come back from'}.`;
}
