import {lostIn} from '../availability/combine.js';
import {deviatedDuring} from '../conclusion.js';
import {deviationSentence, sayCritical, sayLimits} from '../deviation/words.js';
import {decidedBy, tell, tellingInterval} from '../explain.js';
import {loadImpacts} from '../impact.js';
import {loadOf} from '../judgement/data.js';
import {measureOf} from '../judgement/load-window.js';
import {faultPhrase, quantity} from '../phrase.js';
import type {DeviationResult, Finding, MetricInterval, MetricResult} from '../result.js';
import {factorsOf} from './factors.js';
import {actionsAgainst} from './hypothesis-broken.js';
import {backEvidence, cameBackInTime, recoverySentence} from './recovery-words.js';
import {finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedByExcess, ratedByFailures, ratedWith, type Rated} from './severity.js';

/** The metric as the file has it, with the load it is measured on. */
type Spec = FindingContext['facts']['experiment']['steadyState'][number];

function rate(context: FindingContext, spec: Spec, {change, allowed}: DeviationResult): Rated {
  const cameBack = cameBackInTime(context);
  const ofErrors = spec.source === 'load' && measureOf(spec)?.startsWith('errors') === true;
  const load = ofErrors ? loadImpacts(context.facts, context.times).find(one => one.load === loadOf(spec)) : undefined;
  if (load?.failedShare != null) return ratedByFailures(load.failedShare, cameBack);
  const incomparable = change === null || change.of !== allowed.of || change.estimate === null;
  return ratedByExcess(incomparable ? null : Math.abs(change.estimate) / allowed.by, cameBack, 'allowed change');
}

function evidenceOf(metric: MetricResult, deviation: DeviationResult): Finding['evidence'] {
  const {from, to, change} = deviation;
  const show = (value: number | null) => (value === null ? 'no value' : quantity(value, metric.unit));
  const switched = deviation.design === 'switchback';
  return [
    {label: switched ? 'fault off' : 'before', value: show(from)},
    {label: switched ? 'fault on' : 'during', value: show(to)},
    {label: 'allowed', value: `${sayLimits(metric)}, a failure from ${sayCritical(deviation, metric)} on`},
    ...(change === null ? [] : [{label: 'basis', value: change.text}]),
  ];
}

/** The interval that tells most, or all blocks together. */
function decisive(
  spec: Spec,
  metric: MetricResult,
): {interval?: MetricInterval; deviation: DeviationResult} | undefined {
  const {overall} = metric;
  if (overall?.decides === true) return overall.verdict === 'deviated' ? {deviation: overall} : undefined;
  const interval = tellingInterval(spec, metric.intervals, 'deviated');
  const deviation = interval && decidedBy(interval);
  return interval && deviation && {interval, deviation};
}

function one(context: FindingContext, metric: MetricResult): readonly Finding[] {
  const {facts, times} = context;
  const spec = facts.experiment.steadyState.find(({name}) => name === metric.name);
  const told = spec && decisive(spec, metric);
  if (spec === undefined || told === undefined) return [];
  const {interval, deviation} = told;
  const occurrence = facts.occurrences.find(({planned}) => planned.id === interval?.occurrence);
  const own = times.metrics.filter(({metric: name, onset}) => name === metric.name && onset !== null);
  const when = own.find(candidate => candidate.occurrence === interval?.occurrence) ?? own[0];
  const span = injectedSpan(facts);
  const factors = factorsOf(context, spec);
  const lost = lostIn(deviation);
  const did = lost === undefined ? 'changed by more than is allowed' : 'went without values';
  const sentence =
    interval === undefined
      ? deviationSentence(metric.name, deviation, metric)
      : `${metric.name} ${tell(spec, interval, {facts, before: null})}.`;
  return [
    finding(
      'hypothesis-broken',
      facts,
      {fromUs: occurrence?.confirmedUs ?? span.fromUs, toUs: occurrence?.overUs ?? span.toUs},
      {
        ...ratedWith(rate(context, spec, deviation), lost, cameBackInTime(context)),
        title: `${metric.name} ${did}${occurrence === undefined ? '' : ` ${faultPhrase(occurrence)}`}`,
        what: sentence,
        impact: `${sentence}${times.budget === null ? '' : ` ${times.budget.text}`}`,
        ...(when === undefined ? {} : {detection: when.text}),
        recovery: recoverySentence(context),
        evidence: [...evidenceOf(metric, deviation), ...backEvidence(context)],
        factors: factors.map(factor => factor.what),
        actions: actionsAgainst(context, metric.name, factors),
        metric: metric.name,
      },
    ),
  ];
}

/**
 * A metric changed against its baseline by more than is allowed, which is proven: the sentence of the hypothesis is
 * refuted.
 */
export const rule: FindingRule = {
  code: 'changed-too-much',
  order: 30,
  find: context =>
    context.metrics
      .filter(({tolerance}) => tolerance === null)
      .filter(deviatedDuring)
      .flatMap(metric => one(context, metric)),
};
