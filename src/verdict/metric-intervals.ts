import {decidesByDeviation} from '../experiment/deciding.js';
import type {MetricSpec} from '../experiment/experiment.js';
import {changeOf} from './change.js';
import {backToBaselines, deviationsAfter, verdictAfter} from './deviation/afterwards.js';
import {withoutConfounded} from './deviation/confounded.js';
import {deviationsDuring} from './deviation/during.js';
import {deviationBasis} from './deviation/words.js';
import type {Facts} from './facts.js';
import {faultWindow, judgedSegments, withItsFirstSecond} from './fault-windows.js';
import {baselineOf, injectedOf, recoveryOf} from './intervals.js';
import {SECOND_US, type Span} from './judgement/data.js';
import type {WindowJudgement} from './judgement/judgement.js';
import {DEFAULT_STABLE_US, isJudgedInRecovery} from './judgement/recovery.js';
import {judgeWindow} from './judgement/window.js';
import type {OccurrenceFacts} from './occurrences.js';
import type {RecoveryFacts} from './recovery-result.js';
import type {BackToBaselineResult, DeviationResult, MetricInterval} from './result.js';

/** What is looked at where a steady state that is compared with the baseline did not come back: enough values to compare. */
const LAST_US = 15 * SECOND_US;

type ByMetric<T> = ReadonlyMap<string, T>;

/** What was compared of all metrics together, before each is looked at alone. */
export interface Compared {
  readonly during: readonly {
    readonly occurrence: OccurrenceFacts;
    readonly segment: Span;
    readonly deviations: ByMetric<DeviationResult>;
  }[];
  /** The end of the recovery, from the moment everything was back. */
  readonly after: {
    readonly span: Span;
    readonly deviations: ByMetric<DeviationResult>;
    readonly backToBaseline: ByMetric<BackToBaselineResult>;
  } | null;
}

/**
 * After the recovery a metric is judged from the moment everything was back; where that moment never came, over the last seconds
 * that were watched. Whether the recovery came in time is another question (see RecoveryResult).
 */
function afterwardsOf(facts: Facts, recovering: RecoveryFacts): Compared['after'] {
  const recovery = recoveryOf(facts);
  if (recovery === undefined) return null;
  const lastUs = facts.experiment.steadyState.some(decidesByDeviation) ? LAST_US : DEFAULT_STABLE_US;
  const fromUs = recovering.sinceUs?.[1] ?? Math.max(recovery.fromUs, recovery.toUs - lastUs);
  const span = {fromUs: Math.min(Math.max(fromUs, recovery.fromUs), recovery.toUs), toUs: recovery.toUs};
  return {span, deviations: deviationsAfter(facts, span), backToBaseline: backToBaselines(facts, recovering)};
}

/** Compares everything that is judged by its deviation, interval by interval. */
export function compareAll(facts: Facts, recovery: RecoveryFacts): Compared {
  const after = afterwardsOf(facts, recovery);
  const during = injectedOf(facts).flatMap(occurrence =>
    judgedSegments(occurrence).map(segment => {
      const deviations = deviationsDuring(facts, occurrence, segment);
      return {occurrence, segment, deviations: withoutConfounded(facts, deviations, after?.backToBaseline)};
    }),
  );
  return {during, after};
}

type Placed = Pick<MetricInterval, 'kind' | 'occurrence'> & {readonly span: Span};

function intervalOf(facts: Facts, {kind, occurrence, span}: Placed, judgement: WindowJudgement): MetricInterval {
  const {value, min, max, samples, missing, withinTolerance, verdict, why} = judgement;
  return {
    kind,
    occurrence,
    from: facts.time.seconds(span.fromUs),
    to: facts.time.seconds(span.toUs),
    value,
    min,
    max,
    samples,
    missing,
    withinTolerance,
    verdict,
    why,
  };
}

function baseline(metric: MetricSpec, facts: Facts): readonly MetricInterval[] {
  const span = baselineOf(facts);
  if (span === undefined) return [];
  const judgement = judgeWindow(metric, facts.evidence, span);
  const why = metric.deviation === undefined ? judgement.why : judgement.why.replace(/, observed only$/, '');
  return [intervalOf(facts, {kind: 'baseline', span, occurrence: null}, {...judgement, why, verdict: null})];
}

/** The verdict about one interval where the deviation decides. */
function byDeviation(
  metric: MetricSpec,
  deviation: DeviationResult | undefined,
): Pick<MetricInterval, 'verdict' | 'why'> {
  if (deviation === undefined) return {verdict: 'inconclusive', why: 'there is no baseline to compare with'};
  return {verdict: deviation.verdict, why: deviationBasis(deviation, metric)};
}

function duringFault(metric: MetricSpec, facts: Facts, compared: Compared['during'][number]): MetricInterval {
  const {occurrence, segment, deviations} = compared;
  const judged = metric.judge.includes('fault');
  const span = faultWindow(metric, segment, occurrence);
  const judgement =
    span.toUs > span.fromUs
      ? judgeWindow(metric, facts.evidence, withItsFirstSecond(metric, span, occurrence))
      : emptyWindow(metric, 'the fault was over before settlesWithin had passed');
  const placed = {kind: 'on', occurrence: occurrence.planned.id, span} as const;
  const interval = intervalOf(facts, placed, {...judgement, verdict: judged ? judgement.verdict : null});
  if (facts.experiment.switchback !== undefined && metric.deviation !== undefined) {
    return decidesByDeviation(metric) ? {...interval, why: 'judged over all blocks together'} : interval;
  }
  if (metric.deviation === undefined) {
    const before = baselineOf(facts);
    const change = before && changeOf(metric, facts.evidence, {baseline: before, fault: span});
    return change === undefined ? interval : {...interval, change};
  }
  const deviation = deviations.get(metric.name);
  return {
    ...interval,
    ...(decidesByDeviation(metric) ? byDeviation(metric, deviation) : {}),
    ...(deviation === undefined ? {} : {deviation}),
  };
}

function emptyWindow(metric: MetricSpec, why: string): WindowJudgement {
  const verdict = metric.tolerance === undefined ? null : 'inconclusive';
  return {value: null, min: null, max: null, samples: 0, missing: 0, withinTolerance: null, verdict, why};
}

function afterwards(
  metric: MetricSpec,
  facts: Facts,
  {after, recovered}: {after: NonNullable<Compared['after']>; recovered: boolean},
): MetricInterval {
  const {span} = after;
  const judgement = judgeWindow(metric, facts.evidence, span);
  const deviation = after.deviations.get(metric.name);
  const backToBaseline = after.backToBaseline.get(metric.name);
  const placed = {kind: 'recovery', occurrence: null, span} as const;
  const judged = isJudgedInRecovery(metric);
  const interval = intervalOf(facts, placed, {...judgement, verdict: judged ? judgement.verdict : null});
  const decided = judged && metric.tolerance === undefined ? {...interval, ...verdictAfter(metric, facts)} : interval;
  // The recovery was decided on looks that are finer than this window: too few samples in it do not undo that.
  const settled = recovered && decided.verdict === 'inconclusive';
  const why = metric.tolerance === undefined ? 'back within what is allowed' : 'back inside its tolerance';
  return {
    ...decided,
    ...(settled ? {verdict: 'held' as const, withinTolerance: metric.tolerance === undefined ? null : true, why} : {}),
    ...(deviation === undefined ? {} : {deviation}),
    ...(backToBaseline === undefined ? {} : {backToBaseline}),
  };
}

/** A metric, interval by interval: baseline, every time in which a fault was in force, and the end of the recovery. */
export function metricIntervals(
  metric: MetricSpec,
  facts: Facts,
  {compared, recovery}: {compared: Compared; recovery: RecoveryFacts},
): readonly MetricInterval[] {
  const {during, after} = compared;
  const recovered = recovery.result.state === 'recovered';
  return [
    ...baseline(metric, facts),
    ...during.map(one => duringFault(metric, facts, one)),
    ...(after === null ? [] : [afterwards(metric, facts, {after, recovered})]),
  ];
}
