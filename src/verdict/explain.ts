import type {MetricSpec} from '../experiment/experiment.js';
import {openWords, sayAllowed, sayCritical, tellDeviation} from './deviation/words.js';
import type {Facts} from './facts.js';
import {describeBounds, isWithin} from './judgement/tolerance.js';
import {capital, faultPhrase, moved, quantity} from './phrase.js';
import type {DeviationResult, MetricInterval, MetricResult, Verdict} from './result.js';

type Told = Pick<MetricSpec, 'tolerance' | 'source' | 'worse'>;

/** The deviation that decided about an interval; undefined where something else did, or nothing. */
export function decidedBy({deviation}: MetricInterval): DeviationResult | undefined {
  return deviation?.decides === true ? deviation : undefined;
}

/** The figure that shows what happened in an interval: where samples deviated their worst, else the value over all of it. */
export function tellingValue(metric: Told, interval: MetricInterval): number | null {
  const compared = decidedBy(interval)?.to ?? null;
  if (compared !== null) return compared;
  if (metric.source === 'load' || metric.tolerance === undefined || interval.verdict !== 'deviated')
    return interval.value;
  const bounds = metric.tolerance;
  if (interval.value !== null && !isWithin(interval.value, bounds)) return interval.value;
  const extremes = metric.worse === 'lower' ? [interval.min, interval.max] : [interval.max, interval.min];
  return extremes.find(value => value !== null && !isWithin(value, bounds)) ?? interval.value;
}

/** How bad an interval is, to find the worst: the change where that decided, else the figure that shows what happened. */
function badness(metric: Told, interval: MetricInterval): number {
  const sign = metric.worse === 'lower' ? -1 : 1;
  const change = decidedBy(interval)?.change;
  if (change != null)
    return change.estimate === null
      ? Infinity
      : metric.worse === 'either'
        ? Math.abs(change.estimate)
        : sign * change.estimate;
  const value = tellingValue(metric, interval);
  return value === null ? -Infinity : sign * value;
}

/** The interval that says most about a metric: a fault interval with its verdict, the one that is worst. */
export function tellingInterval(
  metric: Told,
  intervals: readonly MetricInterval[],
  verdict: Verdict | null,
): MetricInterval | undefined {
  const on = intervals.filter(interval => interval.kind === 'on' && interval.verdict === verdict);
  return on.reduce<MetricInterval | undefined>(
    (worst, next) => (worst === undefined || badness(metric, next) > badness(metric, worst) ? next : worst),
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
  const occurrence = facts.occurrences.find(({planned}) => planned.id === interval.occurrence);
  const clause = occurrence === undefined ? '' : ` ${faultPhrase(occurrence)}`;
  const decided = decidedBy(interval);
  if (decided !== undefined) return `${tellDeviation(decided, metric)}${clause}`;
  const value = tellingValue(metric, interval);
  const allowed = metric.tolerance === undefined ? '' : ` (allowed: ${describeBounds(metric.tolerance, metric.unit)})`;
  return value === null ? `has no value${clause}` : `${moved(before, value, metric.unit)}${allowed}${clause}`;
}

interface Context {
  readonly facts: Facts;
  readonly before: number | null;
}

function explainObserved(metric: MetricSpec, intervals: readonly MetricInterval[], context: Context): string {
  const on = tellingInterval(metric, intervals, null);
  const also = intervals.find(({kind, deviation}) => kind === 'on' && deviation?.alsoMoved === true)?.deviation;
  const more =
    also === undefined ? '' : ` It moved by more than ${sayAllowed(also.allowed, metric)}, which decides nothing.`;
  if (on !== undefined && on.value !== null) return `Observed only: it ${tell(metric, on, context)}.${more}`;
  const {before} = context;
  return before === null
    ? 'Nothing was judged.'
    : `Nothing was judged; before it was ${quantity(before, metric.unit)}.`;
}

function explainInconclusive(metric: MetricSpec, intervals: readonly MetricInterval[], {facts}: Context): string {
  const open = intervals.find(interval => interval.verdict === 'inconclusive');
  const decided = open === undefined ? undefined : decidedBy(open);
  if (decided !== undefined && open?.kind === 'on') {
    const occurrence = facts.occurrences.find(({planned}) => planned.id === open.occurrence);
    return `${explainOpen(metric, decided, occurrence === undefined ? '' : ` ${faultPhrase(occurrence)}`)}.`;
  }
  const when = open?.kind === 'recovery' ? 'after the recovery' : 'while the fault was in force';
  return `It cannot be judged ${when}: ${open?.why ?? 'no data'}.`;
}

function explainOpen(metric: MetricSpec, deviation: DeviationResult, clause: string): string {
  return `Whether it stayed within the allowed ${sayAllowed(deviation.allowed, metric)}${clause} is open: ${openWords(deviation, metric)}`;
}

function explainRecovery(metric: MetricSpec, intervals: readonly MetricInterval[], verdict: Verdict): string {
  const after = intervals.find(interval => interval.kind === 'recovery');
  if (after === undefined || after.value === null) return 'It was judged after the recovery only.';
  const {deviation} = after;
  if (deviation !== undefined && metric.tolerance === undefined) {
    return verdict === 'deviated'
      ? `It had not come back: it ${tellDeviation(deviation, metric)} at the end of the recovery.`
      : `After the recovery it was back within the allowed ${sayAllowed(deviation.allowed, metric)}.`;
  }
  const bounds = describeBounds(metric.tolerance ?? {}, metric.unit);
  const value = quantity(tellingValue(metric, after) ?? after.value, metric.unit);
  return verdict === 'deviated'
    ? `It had not come back: ${value} at the end of the recovery (allowed: ${bounds}).`
    : `After the recovery it was ${value} (allowed: ${bounds}).`;
}

/** What a deviation adds to a sentence: from where on it counts as a failure. */
function failure(metric: MetricSpec, deviation: DeviationResult | undefined): string {
  if (deviation?.grade !== 'failed') return '';
  return ` From ${sayCritical(deviation, metric)} on it counts as a failure.`;
}

/** One plain sentence about a metric. */
export function explain(
  metric: MetricSpec,
  intervals: readonly MetricInterval[],
  {facts, verdict, overall}: {facts: Facts; verdict: MetricResult['verdict']; overall?: DeviationResult | undefined},
): string {
  const context = {facts, before: baselineValue(intervals)};
  if (overall?.decides === true && overall.verdict === verdict) {
    if (verdict === 'inconclusive') return `${explainOpen(metric, overall, ' while the fault was on')}.`;
    return `It ${tellDeviation(overall, metric)}.${failure(metric, overall)}`;
  }
  if (verdict === null) return explainObserved(metric, intervals, context);
  if (verdict === 'inconclusive') return explainInconclusive(metric, intervals, context);
  const on = tellingInterval(metric, intervals, verdict);
  if (on === undefined) return explainRecovery(metric, intervals, verdict);
  const outlier = verdict === 'held' && on.why.startsWith('near miss') ? ` ${capital(on.why)}.` : '';
  return `It ${tell(metric, on, context)}.${outlier}${failure(metric, decidedBy(on))}`;
}
