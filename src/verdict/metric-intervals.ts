import {decidesByDeviation} from '../experiment/deciding.js';
import type {MetricSpec} from '../experiment/experiment.js';
import {availabilities} from './availability/availability.js';
import {intervalWith, withAvailability} from './availability/combine.js';
import {changeOf} from './change.js';
import {backToBaselines, deviationsAfter, verdictAfter} from './deviation/afterwards.js';
import {withoutConfounded} from './deviation/confounded.js';
import {deviationsDuring} from './deviation/during.js';
import {deviationBasis} from './deviation/words.js';
import type {Facts} from './facts.js';
import {faultWindow, judgedSegments, withItsFirstSecond} from './fault-windows.js';
import {baselineOf, injectedOf, recoveryOf} from './intervals.js';
import {errorsBeside} from './judgement/availability.js';
import type {Span} from './judgement/data.js';
import {SECOND_US} from '../quantities/duration.js';
import {DEFAULT_STABLE_US, isJudgedInRecovery} from './judgement/recovery.js';
import {judgeWindow} from './judgement/window.js';
import type {OccurrenceFacts} from './occurrences.js';
import type {RecoveryFacts} from './recovery-result.js';
import {settlingOf} from './outside-windows/settling.js';
import type {
  AvailabilityResult,
  BackToBaselineResult,
  DeviationResult,
  MetricInterval,
  Verdict,
  WindowJudgement,
} from './result.js';

/**
 * What is looked at where a steady state that is compared with the baseline did not come back: enough values to
 * compare.
 */
const LAST_US = 15 * SECOND_US;

type ByMetric<T> = ReadonlyMap<string, T>;

/** What was compared of all metrics together, before each is looked at alone. */
export interface ComparedMetrics {
  readonly during: readonly {
    readonly occurrence: OccurrenceFacts;
    readonly segment: Span;
    readonly deviations: ByMetric<DeviationResult>;
    readonly availabilities: ByMetric<AvailabilityResult>;
  }[];
  /** The end of the recovery, from the moment everything was back. */
  readonly after: {
    readonly span: Span;
    readonly deviations: ByMetric<DeviationResult>;
    readonly backToBaseline: ByMetric<BackToBaselineResult>;
    /** Only of a steady state that did not come back: else that was decided on looks at the attempts, too. */
    readonly availabilities: ByMetric<AvailabilityResult>;
  } | null;
}

/**
 * After the recovery a metric is judged from the moment everything was back; where that moment never came, over the
 * last seconds that were watched. Whether the recovery came in time is another question (see RecoveryResult).
 */
function afterwardsOf(facts: Facts, recovering: RecoveryFacts): ComparedMetrics['after'] {
  const recovery = recoveryOf(facts);
  if (recovery === undefined) return null;
  const lastUs = facts.experiment.steadyState.some(decidesByDeviation) ? LAST_US : DEFAULT_STABLE_US;
  const fromUs = recovering.sinceUs?.[1] ?? Math.max(recovery.fromUs, recovery.toUs - lastUs);
  const span = {fromUs: Math.min(Math.max(fromUs, recovery.fromUs), recovery.toUs), toUs: recovery.toUs};
  const baseline = baselineOf(facts);
  const judged = facts.experiment.steadyState.filter(isJudgedInRecovery);
  const spans = () => ({without: baseline === undefined ? [] : [baseline], with: [span]});
  return {
    span,
    deviations: deviationsAfter(facts, span),
    backToBaseline: backToBaselines(facts, recovering),
    availabilities: recovering.result.state === 'recovered' ? new Map() : availabilities({facts, spans, judged}),
  };
}

/**
 * Over the times that are judged; what may be out for a while (`settlesWithin`) may be so for every metric of the same
 * load.
 */
function availabilitiesDuring(facts: Facts, occurrence: OccurrenceFacts, segment: Span): ByMetric<AvailabilityResult> {
  const baseline = baselineOf(facts);
  const judged = facts.experiment.steadyState.filter(({judge}) => judge.includes('fault'));
  return availabilities({
    facts,
    judged,
    spans: metric => {
      const {settlesWithinMs = 0} = errorsBeside(metric, judged)?.tolerance ?? {};
      const own = metric.tolerance?.settlesWithinMs ?? 0;
      const settling = {...metric, tolerance: {...metric.tolerance, settlesWithinMs: Math.max(own, settlesWithinMs)}};
      const span = withItsFirstSecond(metric, faultWindow(settling, segment, occurrence), occurrence);
      return {without: baseline === undefined ? [] : [baseline], with: [span]};
    },
  });
}

/** Compares everything that is judged by its deviation, interval by interval. */
export function compareAll(facts: Facts, recovery: RecoveryFacts): ComparedMetrics {
  const after = afterwardsOf(facts, recovery);
  const during = injectedOf(facts).flatMap(occurrence =>
    judgedSegments(occurrence).map(segment => {
      const deviations = deviationsDuring(facts, occurrence, segment);
      return {
        occurrence,
        segment,
        deviations: withoutConfounded(facts, deviations, after?.backToBaseline),
        availabilities: availabilitiesDuring(facts, occurrence, segment),
      };
    }),
  );
  return {during, after};
}

type PlacedSpan = Pick<MetricInterval, 'kind' | 'occurrence'> & {readonly span: Span};

function intervalOf(
  metric: MetricSpec,
  facts: Facts,
  {kind, occurrence, span}: PlacedSpan,
  judgement: WindowJudgement,
): MetricInterval {
  const {value, min, max, samples, missing, withinTolerance, verdict, why, outside} = judgement;
  const observed = metric.tolerance === undefined && metric.deviation === undefined;
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
    why: observed ? `${why}, observed only` : why,
    ...(outside === undefined ? {} : {outside}),
  };
}

function baseline(metric: MetricSpec, facts: Facts): readonly MetricInterval[] {
  const span = baselineOf(facts);
  if (span === undefined) return [];
  const judgement = judgeWindow(metric, facts.evidence, span);
  return [intervalOf(metric, facts, {kind: 'baseline', span, occurrence: null}, {...judgement, verdict: null})];
}

/**
 * The verdict about one interval where the deviation decides; none where the metric could hardly answer and did not.
 */
function byDeviation(
  metric: MetricSpec,
  deviation: DeviationResult | undefined,
): Pick<MetricInterval, 'verdict' | 'why'> {
  if (deviation === undefined) return {verdict: 'inconclusive', why: 'there is no baseline to compare with'};
  if (!deviation.decides) return {verdict: null, why: `not decided: ${deviationBasis(deviation, metric)}`};
  return {verdict: deviation.verdict, why: deviationBasis(deviation, metric)};
}

function duringFault(metric: MetricSpec, facts: Facts, compared: ComparedMetrics['during'][number]): MetricInterval {
  const {occurrence, segment, deviations} = compared;
  const judged = metric.judge.includes('fault');
  const span = faultWindow(metric, segment, occurrence);
  const judgement =
    span.toUs > span.fromUs
      ? judgeWindow(metric, facts.evidence, withItsFirstSecond(metric, span, occurrence))
      : emptyWindow(metric, 'the fault was over before settlesWithin had passed');
  const placed = {kind: 'on', occurrence: occurrence.planned.id, span} as const;
  const settling = judged ? settlingOf(metric, facts, {occurrence, segment}) : undefined;
  const seen = {
    ...intervalOf(metric, facts, placed, {...judgement, verdict: judged ? judgement.verdict : null}),
    ...(settling === undefined ? {} : {settling}),
  };
  const interval = intervalWith(seen, compared.availabilities.get(metric.name));
  if (facts.experiment.switchback !== undefined && metric.deviation !== undefined) {
    return decidesByDeviation(metric) ? {...interval, why: 'judged over all blocks together'} : interval;
  }
  if (metric.deviation === undefined) {
    const before = baselineOf(facts);
    const change = before && changeOf(metric, facts.evidence, {baseline: before, fault: span});
    return change === undefined ? interval : {...interval, change};
  }
  const values = deviations.get(metric.name);
  const deviation = values && withAvailability(values, compared.availabilities.get(metric.name), metric);
  return {
    ...interval,
    ...(decidesByDeviation(metric) ? byDeviation(metric, deviation) : {}),
    ...(deviation === undefined ? {} : {deviation}),
  };
}

/**
 * Whether a judged metric deviated while this occurrence was in force, on the record as far as it goes: live it ends a
 * series of steps.
 */
export function deviatedWhile(facts: Facts, id: string): boolean {
  return verdictsWhile(facts, id).includes('deviated');
}

/** What the metrics say of an occurrence so far, those that are judged while a fault is in force. */
export function verdictsWhile(facts: Facts, id: string): readonly Verdict[] {
  const occurrence = facts.occurrences.find(({planned}) => planned.id === id);
  if (occurrence === undefined) return [];
  return judgedSegments(occurrence).flatMap(segment => {
    const one = {
      occurrence,
      segment,
      deviations: deviationsDuring(facts, occurrence, segment),
      availabilities: availabilitiesDuring(facts, occurrence, segment),
    };
    return facts.experiment.steadyState.flatMap(metric => duringFault(metric, facts, one).verdict ?? []);
  });
}

function emptyWindow(metric: MetricSpec, why: string): WindowJudgement {
  const verdict = metric.tolerance === undefined ? null : 'inconclusive';
  return {value: null, min: null, max: null, samples: 0, missing: 0, withinTolerance: null, verdict, why};
}

function afterwards(
  metric: MetricSpec,
  facts: Facts,
  {after, recovered}: {after: NonNullable<ComparedMetrics['after']>; recovered: boolean},
): MetricInterval {
  const {span} = after;
  const judgement = judgeWindow(metric, facts.evidence, span);
  const deviation = after.deviations.get(metric.name);
  const backToBaseline = after.backToBaseline.get(metric.name);
  const placed = {kind: 'recovery', occurrence: null, span} as const;
  const judged = isJudgedInRecovery(metric);
  const interval = intervalOf(metric, facts, placed, {...judgement, verdict: judged ? judgement.verdict : null});
  const decided = intervalWith(
    judged && metric.tolerance === undefined ? {...interval, ...verdictAfter(metric, facts)} : interval,
    after.availabilities.get(metric.name),
  );
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
  {compared, recovery}: {compared: ComparedMetrics; recovery: RecoveryFacts},
): readonly MetricInterval[] {
  const {during, after} = compared;
  const recovered = recovery.result.state === 'recovered';
  return [
    ...baseline(metric, facts),
    ...during.map(one => duringFault(metric, facts, one)),
    ...(after === null ? [] : [afterwards(metric, facts, {after, recovered})]),
  ];
}
