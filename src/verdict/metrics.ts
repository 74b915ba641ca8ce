import {isJudgedByChange} from '../experiment/deciding.js';
import type {MetricSpec} from '../experiment/experiment.js';
import {chartOf} from './chart.js';
import {demotedWhy} from './deviation/demoted.js';
import {deviationsOverBlocks} from './deviation/over-blocks.js';
import {explain} from './explain.js';
import type {Facts} from './facts.js';
import {changeTerms} from './judgement/track.js';
import {compareAll, metricIntervals} from './metric-intervals.js';
import type {RecoveryFacts} from './recovery-result.js';
import type {DeviationResult, MetricInterval, MetricResult, Verdict} from './result.js';

const ORDER: readonly Verdict[] = ['deviated', 'inconclusive', 'held'];

/** The worst of several verdicts; null when nothing was judged. */
export function worstVerdict(verdicts: readonly (Verdict | null)[]): Verdict | null {
  return ORDER.find(verdict => verdicts.includes(verdict)) ?? null;
}

function toleranceOf({tolerance}: MetricSpec): MetricResult['tolerance'] {
  if (tolerance === undefined) return null;
  const {settlesWithinMs, ...others} = tolerance;
  return {...others, settlesWithinSeconds: settlesWithinMs / 1000};
}

function allowedOf(
  metric: MetricSpec,
  answers: readonly (DeviationResult | undefined)[],
): NonNullable<MetricResult['deviation']> | undefined {
  const {deviation, control} = metric;
  if (deviation === undefined) return undefined;
  const of = answers.find(answer => answer !== undefined)?.allowed.of ?? changeTerms(metric);
  const {by, critical} = deviation;
  return {by, critical, of, decides: isJudgedByChange(metric), ...(control === undefined ? {} : {control})};
}

/** What became of one metric. */
function resultOf(
  metric: MetricSpec,
  facts: Facts,
  {intervals, overall}: {intervals: readonly MetricInterval[]; overall: DeviationResult | undefined},
): MetricResult {
  const decided = overall?.decides === true ? overall.verdict : null;
  const verdict = worstVerdict([decided, ...intervals.map(interval => interval.verdict)]);
  const notDecided = demotedWhy(facts, metric.name);
  const deviation = allowedOf(metric, [overall, ...intervals.map(interval => interval.deviation)]);
  return {
    name: metric.name,
    source: metric.source,
    unit: metric.unit,
    worse: metric.worse,
    tolerance: toleranceOf(metric),
    ...(deviation === undefined ? {} : {deviation}),
    judged: metric.judge,
    verdict,
    ...(verdict !== null || notDecided === undefined ? {} : {notDecided}),
    ...(overall === undefined ? {} : {overall}),
    explanation: explain(metric, intervals, {facts, verdict, overall}),
    intervals,
    chart: chartOf(metric, facts),
  };
}

/** What became of each metric of the steady state: judged per interval, explained in one sentence, with its chart. */
export function metricResults(facts: Facts, recovery: RecoveryFacts): readonly MetricResult[] {
  const compared = compareAll(facts, recovery);
  const overBlocks = deviationsOverBlocks(facts);
  return facts.experiment.steadyState.map(metric =>
    resultOf(metric, facts, {
      intervals: metricIntervals(metric, facts, {compared, recovery}),
      overall: overBlocks.get(metric.name),
    }),
  );
}
