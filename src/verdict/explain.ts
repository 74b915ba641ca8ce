import type {MetricSpec} from '../experiment/experiment.js';
import {lostIn} from './availability/combine.js';
import {tellAvailability} from './availability/words.js';
import {demotedWhy} from './deviation/demoted.js';
import {openWords, sayAllowed, sayCritical, tellDeviation} from './deviation/words.js';
import type {Facts} from './facts.js';
import {describeBounds, isWithin} from './judgement/tolerance.js';
import {faultPhrase, moved, quantity} from './phrase.js';
import {settlingWords} from './outside-windows/settling.js';
import type {DeviationResult, MetricInterval, MetricResult, Verdict} from './result.js';

interface ExplainedMetric extends Pick<MetricSpec, 'source' | 'worse'> {
  readonly tolerance?: Parameters<typeof isWithin>[1] | null | undefined;
}

/** The deviation that decided about an interval; undefined where something else did, or nothing. */
export function decidedBy({deviation}: MetricInterval): DeviationResult | undefined {
  return deviation?.decides === true ? deviation : undefined;
}

/**
 * The figure that shows how bad an interval was: where single values deviated the worst of them, else the value over
 * all of it.
 */
export function tellingValue(metric: ExplainedMetric, interval: MetricInterval): number | null {
  const compared = decidedBy(interval)?.to ?? null;
  if (compared !== null) return compared;
  const {value, outside, verdict} = interval;
  if (metric.tolerance == null || verdict !== 'deviated') return value;
  return value !== null && !isWithin(value, metric.tolerance) ? value : (outside?.worst ?? value);
}

/**
 * What single values did beside the one over the whole interval: `, but 2 of 40 samples were outside, the worst 0`;
 * empty where that tells it all.
 */
function butOutside({tolerance, source, unit}: MetricSpec, {value, outside}: MetricInterval): string {
  if (outside === undefined || tolerance === undefined || value === null || !isWithin(value, tolerance)) return '';
  const {count, of, worst} = outside;
  const noun = source === 'load' ? 'second' : 'sample';
  const figure = quantity(worst, unit);
  return count === 1
    ? `, but one of ${of} ${noun}s was outside, at ${figure}`
    : `, but ${count} of ${of} ${noun}s were outside, the worst at ${figure}`;
}

/**
 * How bad an interval is, to find the worst: the change where that decided, else the figure that shows what happened.
 */
function badness(metric: ExplainedMetric, interval: MetricInterval): number {
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
  metric: ExplainedMetric,
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

/** What the values did beside how often the target failed, whichever of them deviated first. */
function withLost({withinTolerance, value}: MetricInterval, values: string, lost: string): string {
  if (withinTolerance === false) return `${values}, and ${lost}`;
  return value === null ? lost : `${lost}; where it had one it ${values}`;
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
  const {value, settling} = interval;
  const allowed = metric.tolerance === undefined ? '' : ` (allowed: ${describeBounds(metric.tolerance, metric.unit)})`;
  const beside = `${butOutside(metric, interval)}${allowed}`;
  const values = value === null ? 'has no value' : `${moved(before, value, metric.unit)}${beside}`;
  const lost = lostIn(interval);
  if (lost !== undefined) return `${withLost(interval, values, tellAvailability(lost))}${clause}`;
  if (value === null || settling === undefined) return `${values}${clause}`;
  // What was away for a while has not stayed anywhere.
  const was = before === null ? '' : `; it had been ${quantity(before, metric.unit)}`;
  const then = `then it was ${quantity(value, metric.unit)}${beside}${was}`;
  return `was ${settlingWords(settling, metric, occurrence)}${clause}, ${then}`;
}

interface ExplainContext {
  readonly facts: Facts;
  readonly before: number | null;
}

function explainObserved(metric: MetricSpec, intervals: readonly MetricInterval[], context: ExplainContext): string {
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

/** What was seen of a metric that could hardly answer, and why it decides nothing. */
function explainNotDecided(
  metric: MetricSpec,
  intervals: readonly MetricInterval[],
  {demoted, ...context}: ExplainContext & {readonly demoted: string},
): string {
  const on = tellingInterval(metric, intervals, null);
  const seen = on?.value == null ? '' : ` It ${tell(metric, on, context)}.`;
  return `Not decided, because ${demoted}.${seen}`;
}

function explainInconclusive(
  metric: MetricSpec,
  intervals: readonly MetricInterval[],
  {facts}: ExplainContext,
): string {
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
  return `Whether it stayed within what is allowed${clause} is open: ${openWords(deviation, metric)}`;
}

function explainRecovery(metric: MetricSpec, intervals: readonly MetricInterval[], verdict: Verdict): string {
  const after = intervals.find(interval => interval.kind === 'recovery');
  const lost = after && lostIn(after);
  if (lost !== undefined) return `It had not come back: it ${tellAvailability(lost)} at the end of the recovery.`;
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

/** Failures that are no more than is allowed are told all the same. */
function someFailed({availability}: MetricInterval): string {
  return availability?.verdict !== 'held' || availability.during.failed === 0 ? '' : ` ${availability.text}.`;
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
  const demoted = demotedWhy(facts, metric.name);
  if (verdict === null && demoted !== undefined) return explainNotDecided(metric, intervals, {...context, demoted});
  if (verdict === null) return explainObserved(metric, intervals, context);
  if (verdict === 'inconclusive') return explainInconclusive(metric, intervals, context);
  const on = tellingInterval(metric, intervals, verdict);
  if (on === undefined) return explainRecovery(metric, intervals, verdict);
  return `It ${tell(metric, on, context)}.${someFailed(on)}${failure(metric, decidedBy(on))}`;
}
