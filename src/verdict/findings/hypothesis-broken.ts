import type {MetricSpec} from '../../experiment/experiment.js';
import {lostIn} from '../availability/combine.js';
import {spentWords} from '../times/budget.js';
import {detect, seenWords, sinceInjection} from '../detection.js';
import {baselineValue, tell, tellingInterval, tellingValue} from '../explain.js';
import {affectedSpan, failedWords, loadImpacts, type LoadImpact} from '../impact.js';
import {outOfTolerance} from '../out-of-tolerance.js';
import {loadOf} from '../judgement/data.js';
import {measureOf} from '../judgement/load-window.js';
import {describeBounds, shareOfBound} from '../judgement/tolerance.js';
import {faultPhrase, quantity} from '../phrase.js';
import type {AvailabilityResult, Finding, MetricInterval, MetricResult} from '../result.js';
import {recoveryCause} from '../intervals.js';
import {sayUs} from '../time.js';
import {between} from '../times/words.js';
import {factorsOf} from './factors.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedByExcess, ratedByFailures, ratedWith, type CameBack, type Rated} from './severity.js';
import {recoverySentence, cameBackInTime} from './recovery-words.js';

function rate(spec: MetricSpec, value: number | null, impact: LoadImpact | undefined, cameBack: CameBack): Rated {
  const ofErrors = spec.source === 'load' && measureOf(spec)?.startsWith('errors') === true;
  if (ofErrors && impact?.failedShare != null) return ratedByFailures(impact.failedShare, cameBack);
  const excess = value === null ? null : shareOfBound(value, spec.tolerance ?? {});
  return ratedByExcess(excess, cameBack);
}

function impactSentence(
  context: FindingContext,
  spec: MetricSpec,
  {impact, without}: {impact: LoadImpact | undefined; without: AvailabilityResult | undefined},
): string {
  const span = affectedSpan(context.facts);
  const outside = span === undefined ? 0 : outOfTolerance(spec, context.facts, span).totalUs;
  const seconds =
    without === undefined ? `outside its tolerance for ${sayUs(outside)} in all` : `without values: ${without.text}`;
  const budget = context.times.budget === null ? '' : ` ${spentWords(context.times.budget)}.`;
  if (impact === undefined) return `${spec.name} was ${seconds}.${budget}`;
  return `${failedWords(impact)}; the metric was ${seconds}.${budget}`;
}

function evidenceOf(spec: MetricSpec, metric: MetricResult, interval: MetricInterval): Finding['evidence'] {
  const show = (value: number | null) => (value === null ? 'no value' : quantity(value, spec.unit));
  return [
    {label: 'before', value: show(baselineValue(metric.intervals))},
    {label: 'during', value: `${show(interval.value)} (${show(interval.min)} to ${show(interval.max)})`},
    {label: 'allowed', value: describeBounds(spec.tolerance ?? {}, spec.unit)},
    {label: 'basis', value: interval.why},
  ];
}

/** When this metric was out, and when it was back: of this finding only. */
function timesOf(
  context: FindingContext,
  metric: string,
  firstUs: number | null,
): Pick<Finding, 'detection' | 'recovery'> {
  const {facts, times, alerts} = context;
  const seen =
    firstUs === null
      ? detect(facts, {times, alerts}).sentence
      : `Outside its tolerance ${seenWords(sinceInjection(facts, firstUs))}.`;
  const own = times.metrics.findLast(one => one.metric === metric && one.tolerated !== null)?.tolerated;
  const back =
    own == null ? recoverySentence(context) : `Inside its tolerance ${between(...own)} after ${recoveryCause(facts)}.`;
  return {detection: seen, recovery: back};
}

function one(context: FindingContext, metric: MetricResult): readonly Finding[] {
  const {facts} = context;
  const spec = facts.experiment.steadyState.find(candidate => candidate.name === metric.name);
  const interval = tellingInterval(spec ?? metricTold(metric), metric.intervals, 'deviated');
  if (spec === undefined || interval === undefined) return [];
  const occurrence = facts.occurrences.find(({planned}) => planned.id === interval.occurrence);
  const span = affectedSpan(facts) ?? injectedSpan(facts);
  const {firstUs, lastUs} = outOfTolerance(spec, facts, span);
  const impact =
    spec.source === 'load' ? loadImpacts(facts, context.times).find(({load}) => load === loadOf(spec)) : undefined;
  const lost = interval.withinTolerance === false ? undefined : lostIn(interval);
  const cameBack = cameBackInTime(context);
  const rated = ratedWith(rate(spec, tellingValue(spec, interval), impact, cameBack), lost, cameBack);
  const did = lost === undefined ? 'left its tolerance' : 'went without values';
  const factors = factorsOf(context, spec);
  return [
    finding(
      'hypothesis-broken',
      facts,
      {fromUs: firstUs ?? span.fromUs, toUs: lastUs ?? span.toUs},
      {
        ...rated,
        title: `${metric.name} ${did}${occurrence === undefined ? '' : ` ${faultPhrase(occurrence)}`}`,
        what: `${metric.name} ${tell(spec, interval, {facts, before: baselineValue(metric.intervals)})}.`,
        impact: impactSentence(context, spec, {impact, without: lost}),
        ...timesOf(context, metric.name, firstUs),
        evidence: evidenceOf(spec, metric, interval),
        factors: factors.map(factor => factor.what),
        actions: actionsAgainst(context, metric.name, factors),
        metric: metric.name,
      },
    ),
  ];
}

function metricTold(metric: MetricResult) {
  return {source: metric.source, worse: metric.worse};
}

/** What can be done about a metric that deviated. */
export function actionsAgainst(
  {alerts}: FindingContext,
  metric: string,
  factors: ReturnType<typeof factorsOf>,
): Finding['actions'] {
  const add = `Add an alert on ${metric} and expect it in this file; this run showed the effect and nothing alerted`;
  // What an alert that is expected did not do is a finding of its own.
  const isExpected = alerts.some(({role}) => role === 'expected');
  return [
    ...factors.flatMap(factor => factor.actions),
    ...(isExpected ? [] : [action('detect', 'P2', add)]),
    action('process', 'P3', `Run this experiment again after the change, and keep it where regressions are noticed`),
  ];
}

/** A metric left its tolerance while a fault was in force: the sentence of the hypothesis is refuted. */
export const rule: FindingRule = {
  code: 'hypothesis-broken',
  order: 20,
  find: context =>
    context.metrics
      .filter(({tolerance}) => tolerance !== null)
      .filter(metric => metric.intervals.some(interval => interval.kind === 'on' && interval.verdict === 'deviated'))
      .flatMap(metric => one(context, metric)),
};
