import type {MetricSpec} from '../experiment/experiment.js';
import type {Facts} from './facts.js';
import {describeBounds, isWithin} from './judgement/tolerance.js';
import {capital, faultPhrase, moved, quantity} from './phrase.js';
import type {MetricInterval, MetricResult, Verdict} from './result.js';

type Told = Pick<MetricSpec, 'tolerance' | 'source' | 'worse'>;

/** The figure that shows what happened in an interval: where samples deviated their worst, else the value over all of it. */
export function tellingValue(metric: Told, interval: MetricInterval): number | null {
  if (metric.source === 'load' || interval.verdict !== 'deviated') return interval.value;
  const bounds = metric.tolerance ?? {};
  if (interval.value !== null && !isWithin(interval.value, bounds)) return interval.value;
  const extremes = metric.worse === 'lower' ? [interval.min, interval.max] : [interval.max, interval.min];
  return extremes.find(value => value !== null && !isWithin(value, bounds)) ?? interval.value;
}

/** The interval that says most about a metric: a fault interval with its verdict, the one that is worst. */
export function tellingInterval(
  metric: Told,
  intervals: readonly MetricInterval[],
  verdict: Verdict | null,
): MetricInterval | undefined {
  const on = intervals.filter(interval => interval.kind === 'on' && interval.verdict === verdict);
  const sign = metric.worse === 'lower' ? -1 : 1;
  const figure = (interval: MetricInterval) => sign * (tellingValue(metric, interval) ?? -Infinity * sign);
  return on.reduce<MetricInterval | undefined>(
    (worst, next) => (worst === undefined || figure(next) > figure(worst) ? next : worst),
    undefined,
  );
}

/** The metric over the baseline. */
export function baselineValue(intervals: readonly MetricInterval[]): number | null {
  return intervals.find(interval => interval.kind === 'baseline')?.value ?? null;
}

/** `rose from 0% to 41% (allowed: below 1%) while x was paused for 20s`, without the metric's name. */
export function tell(
  metric: MetricSpec,
  interval: MetricInterval,
  {facts, before}: {facts: Facts; before: number | null},
): string {
  const value = tellingValue(metric, interval);
  const allowed = metric.tolerance === undefined ? '' : ` (allowed: ${describeBounds(metric.tolerance, metric.unit)})`;
  const occurrence = facts.occurrences.find(({planned}) => planned.id === interval.occurrence);
  const clause = occurrence === undefined ? '' : ` ${faultPhrase(occurrence)}`;
  return value === null ? `has no value${clause}` : `${moved(before, value, metric.unit)}${allowed}${clause}`;
}

interface Context {
  readonly facts: Facts;
  readonly before: number | null;
}

function explainObserved(metric: MetricSpec, intervals: readonly MetricInterval[], context: Context): string {
  const on = tellingInterval(metric, intervals, null);
  if (on !== undefined && on.value !== null) return `Observed only: it ${tell(metric, on, context)}.`;
  const {before} = context;
  return before === null
    ? 'Nothing was judged.'
    : `Nothing was judged; before it was ${quantity(before, metric.unit)}.`;
}

function explainInconclusive(intervals: readonly MetricInterval[]): string {
  const open = intervals.find(interval => interval.verdict === 'inconclusive');
  const when = open?.kind === 'recovery' ? 'after the recovery' : 'while the fault was in force';
  return `It cannot be judged ${when}: ${open?.why ?? 'no data'}.`;
}

function explainRecovery(metric: MetricSpec, intervals: readonly MetricInterval[], verdict: Verdict): string {
  const after = intervals.find(interval => interval.kind === 'recovery');
  if (after === undefined || after.value === null) return 'It was judged after the recovery only.';
  const bounds = describeBounds(metric.tolerance ?? {}, metric.unit);
  const value = quantity(tellingValue(metric, after) ?? after.value, metric.unit);
  return verdict === 'deviated'
    ? `It had not come back: ${value} at the end of the recovery (allowed: ${bounds}).`
    : `After the recovery it was ${value} (allowed: ${bounds}).`;
}

/** One plain sentence about a metric. */
export function explain(
  metric: MetricSpec,
  intervals: readonly MetricInterval[],
  {facts, verdict}: {facts: Facts; verdict: MetricResult['verdict']},
): string {
  const context = {facts, before: baselineValue(intervals)};
  if (verdict === null) return explainObserved(metric, intervals, context);
  if (verdict === 'inconclusive') return explainInconclusive(intervals);
  const on = tellingInterval(metric, intervals, verdict);
  if (on === undefined) return explainRecovery(metric, intervals, verdict);
  const outlier = verdict === 'held' && on.why.startsWith('near miss') ? ` ${capital(on.why)}.` : '';
  return `It ${tell(metric, on, context)}.${outlier}`;
}
