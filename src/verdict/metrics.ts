import type {MetricSpec} from '../experiment/experiment.js';
import {changeOf} from './change.js';
import {chartOf} from './chart.js';
import {explain} from './explain.js';
import type {Facts} from './facts.js';
import {baselineOf, injectedOf, recoveryOf} from './intervals.js';
import {SECOND_US, type Span} from './judgement/data.js';
import {DEFAULT_STABLE_US} from './judgement/recovery.js';
import type {WindowJudgement} from './judgement/judgement.js';
import {judgeWindow, settledWindow} from './judgement/window.js';
import type {OccurrenceFacts} from './occurrences.js';
import type {RecoveryFacts} from './recovery-result.js';
import type {MetricInterval, MetricResult, Verdict} from './result.js';

/** Time in force too short to say anything about: between a loss and a re-application, before an early stop. */
const MIN_SEGMENT_US = 1_000_000;

const ORDER: readonly Verdict[] = ['deviated', 'inconclusive', 'held'];

/** The worst of several verdicts; null when nothing was judged. */
export function worstVerdict(verdicts: readonly (Verdict | null)[]): Verdict | null {
  return ORDER.find(verdict => verdicts.includes(verdict)) ?? null;
}

function intervalOf(
  facts: Facts,
  kind: MetricInterval['kind'],
  of: {span: Span; occurrence: string | null; judgement: WindowJudgement; judged: boolean},
): MetricInterval {
  const {span, occurrence, judgement, judged} = of;
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
    verdict: judged ? verdict : null,
    why,
  };
}

function baseline(metric: MetricSpec, facts: Facts): readonly MetricInterval[] {
  const span = baselineOf(facts);
  if (span === undefined) return [];
  const judgement = judgeWindow(metric, facts.evidence, span);
  return [intervalOf(facts, 'baseline', {span, occurrence: null, judgement, judged: false})];
}

function duringFaults(metric: MetricSpec, facts: Facts): readonly MetricInterval[] {
  const judged = metric.judge.includes('fault');
  return injectedOf(facts).flatMap(occurrence => {
    const {planned, segments} = occurrence;
    const long = segments.filter(segment => segment.toUs - segment.fromUs >= MIN_SEGMENT_US);
    return (long.length > 0 ? long : segments).map(segment => {
      const span = faultWindow(metric, segment, occurrence);
      const judgement =
        span.toUs > span.fromUs
          ? judgeWindow(metric, facts.evidence, withItsFirstSecond(metric, span, occurrence))
          : emptyWindow(metric, 'the fault was over before settlesWithin had passed');
      const interval = intervalOf(facts, 'on', {span, occurrence: planned.id, judgement, judged});
      const before = baselineOf(facts);
      const change = before && changeOf(metric, facts.evidence, {baseline: before, fault: span});
      return change === undefined ? interval : {...interval, change};
    });
  });
}

/** What is judged of a segment: `settlesWithin` counts from T0, also where the segment begins before it. */
function faultWindow(metric: MetricSpec, segment: Span, {confirmedUs}: OccurrenceFacts): Span {
  const settles = (metric.tolerance?.settlesWithinMs ?? 0) > 0;
  return settles ? settledWindow(metric, {...segment, fromUs: Math.max(segment.fromUs, confirmedUs ?? 0)}) : segment;
}

/** Loads are on record by the second: the one in which something happened once belongs to it, or a short outage would be in no window. */
function withItsFirstSecond(metric: MetricSpec, span: Span, {planned, requestedUs}: OccurrenceFacts): Span {
  const first = metric.source === 'load' && planned.nature === 'event' && span.fromUs === requestedUs;
  return first ? {...span, fromUs: span.fromUs - SECOND_US + 1} : span;
}

function emptyWindow(metric: MetricSpec, why: string): WindowJudgement {
  const verdict = metric.tolerance === undefined ? null : 'inconclusive';
  return {value: null, min: null, max: null, samples: 0, missing: 0, withinTolerance: null, verdict, why};
}

/**
 * After the recovery a metric is judged from the moment everything was back; where that moment never came, over the last seconds
 * that were watched. Whether the recovery came in time is another question (see RecoveryResult).
 */
function afterwards(metric: MetricSpec, facts: Facts, {result, sinceUs}: RecoveryFacts): readonly MetricInterval[] {
  const recovery = recoveryOf(facts);
  if (recovery === undefined) return [];
  const fromUs = sinceUs?.[1] ?? Math.max(recovery.fromUs, recovery.toUs - DEFAULT_STABLE_US);
  const span = {fromUs: Math.min(Math.max(fromUs, recovery.fromUs), recovery.toUs), toUs: recovery.toUs};
  const judgement = judgeWindow(metric, facts.evidence, span);
  // The recovery was decided on looks that are finer than this window: too few samples in it do not undo that.
  const settled = result.state === 'recovered' && judgement.verdict === 'inconclusive';
  const told = settled
    ? {...judgement, verdict: 'held' as const, withinTolerance: true, why: 'back inside its tolerance'}
    : judgement;
  return [
    intervalOf(facts, 'recovery', {span, occurrence: null, judgement: told, judged: metric.judge.includes('recovery')}),
  ];
}

/** What became of each metric of the steady state: judged per interval, explained in one sentence, with its chart. */
export function metricResults(facts: Facts, recovery: RecoveryFacts): readonly MetricResult[] {
  return facts.experiment.steadyState.map(metric => {
    const intervals = [
      ...baseline(metric, facts),
      ...duringFaults(metric, facts),
      ...afterwards(metric, facts, recovery),
    ];
    const verdict = worstVerdict(intervals.map(interval => interval.verdict));
    const {tolerance} = metric;
    return {
      name: metric.name,
      source: metric.source,
      unit: metric.unit,
      worse: metric.worse,
      tolerance:
        tolerance === undefined
          ? null
          : {
              ...(tolerance.below === undefined ? {} : {below: tolerance.below}),
              ...(tolerance.above === undefined ? {} : {above: tolerance.above}),
              ...(tolerance.equals === undefined ? {} : {equals: tolerance.equals}),
              settlesWithinSeconds: tolerance.settlesWithinMs / 1000,
            },
      judged: metric.judge,
      verdict,
      explanation: explain(metric, intervals, {facts, verdict}),
      intervals,
      chart: chartOf(metric, facts),
    };
  });
}
