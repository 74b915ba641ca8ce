import {MAX_MISSING} from '../../statistics/least.js';
import type {MetricSpec} from '../../experiment/experiment.js';
import {upperBound} from './tolerance.js';
import type {Sample} from '../../signals/contract.js';
import {errorsOf} from '../../signals/load/measure.js';
import type {Series} from '../../record/evidence.js';
import {samplesIn, secondsOf, seriesOf, type MeasuredData, type Span} from './data.js';
import {SECOND_US} from '../../quantities/duration.js';
import {compareCounts, totalOf, type CountBin, type CountEffect} from '../../statistics/effects/counts.js';
import type {EventCount} from '../../statistics/effects/shares.js';
import {lateness, shortfall} from './generator.js';
import {measureOf} from './load-window.js';
import type {OfSubject} from './measured.js';

/** More failures than in the baseline that are allowed where nothing else is said: one of a hundred attempts. */
const ALLOWED = 0.01;
/** A single failure that stands alone is no drop where it is at most this share of the attempts. */
const LONE = 0.05;

/** The failures of one kind. */
export interface FailuresOfKind {
  readonly reason: string;
  readonly count: number;
  /** The first and the last of them, mono µs. */
  readonly firstUs: number;
  readonly lastUs: number;
}

/** What became of the attempts to measure one subject of a metric: each gave a value, or the target failed. */
export interface Attempts {
  /** Failures of the target among attempts, second by second. */
  readonly bins: readonly CountBin[];
  /** The most frequent first. */
  readonly failures: readonly FailuresOfKind[];
  /** So much is missing because of us that the failures may be ours as well. */
  readonly unclear: boolean;
}

/**
 * Whether failures of the target are missing from the values of a metric: errors and throughput count them themselves.
 */
export function hidesFailures(metric: MetricSpec): boolean {
  return metric.source !== 'load' || measureOf(metric)?.startsWith('latency.') === true;
}

function isErrorsOf(metric: MetricSpec, other: MetricSpec): boolean {
  const {of, request = null} = other.parameters;
  const same = of === metric.parameters['of'] && (request === null || request === metric.parameters['request']);
  return other.source === 'load' && measureOf(other)?.startsWith('errors.') === true && same;
}

/** The metric that answers for the failures of a load, by its own limit: the errors that the file judges on it. */
export function errorsBeside(metric: MetricSpec, judged: readonly MetricSpec[]): MetricSpec | undefined {
  if (metric.source !== 'load') return undefined;
  return judged.find(
    other =>
      isErrorsOf(metric, other) && (upperBound(other.tolerance ?? {}) !== undefined || other.deviation !== undefined),
  );
}

/**
 * By how much the share of failures may rise above the baseline's: by what the metric may change, but never by more
 * than one of a hundred: a latency that may double says nothing about answers that do not come.
 */
export function allowedAlone({deviation}: MetricSpec): number {
  return deviation?.absolute === true ? ALLOWED : Math.min(deviation?.by ?? ALLOWED, ALLOWED);
}

/**
 * The same where the file may allow the errors of the same load something else: that counts. `before`: the attempts of
 * the baseline.
 */
export function allowedFailures(metric: MetricSpec, judged: readonly MetricSpec[], before: Attempts): number {
  const errors = errorsBeside(metric, judged);
  if (errors === undefined) return allowedAlone(metric);
  const {tolerance, deviation} = errors;
  const most = upperBound(tolerance ?? {});
  if (most === undefined) return deviation?.by ?? allowedAlone(metric);
  if (measureOf(errors) === 'errors.ratio') return most;
  const perSecond = totalOf(before.bins).trials / before.bins.length;
  return perSecond > 0 ? most / perSecond : allowedAlone(metric);
}

class Tally {
  private readonly byReason = new Map<string, {count: number; firstUs: number; lastUs: number}>();

  add(reason: string, count: number, firstUs: number, lastUs = firstUs): void {
    const known = this.byReason.get(reason) ?? {count: 0, firstUs, lastUs};
    this.byReason.set(reason, {
      count: known.count + count,
      firstUs: Math.min(known.firstUs, firstUs),
      lastUs: Math.max(known.lastUs, lastUs),
    });
  }

  get failures(): readonly FailuresOfKind[] {
    return [...this.byReason].map(([reason, seen]) => ({reason, ...seen})).sort((a, b) => b.count - a.count);
  }
}

/** Whether the target failed where a sample has no value; of records of older versions nobody knows. */
export function isTargetFailure({value, missing}: Sample): boolean {
  return value === null && missing?.because === 'target';
}

function ofSeries(series: Series, spans: readonly Span[]): Attempts {
  const tally = new Tally();
  const bins = new Map<number, CountBin>();
  let [ours, all] = [0, 0];
  for (const sample of spans.flatMap(span => samplesIn(series, span))) {
    const {t, value, missing} = sample;
    // A read that was not begun because the one before waits is none: what becomes of that one counts.
    if (missing?.reason === 'busy') continue;
    all++;
    const failed = isTargetFailure(sample);
    if (value === null && !failed) {
      if (missing !== undefined) ours++;
      continue;
    }
    const second = Math.floor(t / SECOND_US);
    const {events, trials} = bins.get(second) ?? {events: 0, trials: 0};
    bins.set(second, {events: events + (failed ? 1 : 0), trials: trials + 1});
    if (failed) tally.add(missing?.reason ?? '', 1, t);
  }
  return {bins: [...bins.values()], failures: tally.failures, unclear: ours > all * MAX_MISSING};
}

/**
 * `spared`: requests that could not be sent count as answered, so that a fault is not blamed for what was never asked.
 */
function ofLoad(
  metric: MetricSpec,
  data: MeasuredData,
  {spans, spared}: {readonly spans: readonly Span[]; readonly spared: boolean},
): Attempts {
  const tally = new Tally();
  const seconds = spans.flatMap(span => secondsOf(metric, data.loads, span));
  const bins = seconds.map(second => {
    const {events, trials} = errorsOf(second);
    for (const [reason, histogram] of Object.entries(second.outcomes)) {
      if (NO_FAILURE.has(reason)) continue;
      const count = histogram.reduce((sum, [, requests]) => sum + requests, 0);
      if (count > 0) tally.add(reason, count, second.at, second.at + SECOND_US - 1);
    }
    return {events, trials: spared ? Math.max(trials, second.intended) : trials};
  });
  const unclear = shortfall(seconds) !== undefined && lateness(seconds) !== undefined;
  return {bins, failures: tally.failures, unclear};
}

const NO_FAILURE: ReadonlySet<string> = new Set(['ok', 'unsent', 'aborted']);

/** The times that are compared: without the fault and with it. */
export interface WithoutAndWith {
  readonly without: readonly Span[];
  readonly with: readonly Span[];
}

/** What became of the attempts of a subject without the fault and with it. */
export interface BothAttempts {
  readonly before: Attempts;
  readonly during: Attempts;
}

/** The attempts of each subject of a metric; none of a metric that counts failures itself. */
export function attemptsOf(
  metric: MetricSpec,
  data: MeasuredData,
  spans: WithoutAndWith,
): readonly OfSubject<BothAttempts>[] {
  if (!hidesFailures(metric)) return [];
  if (metric.source === 'load') {
    const before = ofLoad(metric, data, {spans: spans.without, spared: false});
    return [{of: {before, during: ofLoad(metric, data, {spans: spans.with, spared: true})}}];
  }
  return seriesOf(metric, data).map(series => ({
    ...(series.subject === undefined ? {} : {subject: series.subject}),
    of: {before: ofSeries(series, spans.without), during: ofSeries(series, spans.with)},
  }));
}

/** How the attempts during a fault compare with those before. */
export interface AttemptsCompared {
  readonly before: EventCount;
  readonly during: EventCount;
  /** Undefined where there was no attempt in one of them. */
  readonly effect: CountEffect | undefined;
  /** The p-value of "worse than the baseline by more than is allowed". */
  readonly chance: number;
  /**
   * It may have got worse by more than is allowed: more failed than that, and more than a single one that stands alone.
   */
  readonly inDoubt: boolean;
}

/**
 * Compares the failures among the attempts by the exact test for counts. The share of failures is worse when it is
 * proven to be above the baseline's (Fisher) by more than is allowed (Newcombe's limits); both at `alpha`.
 */
export function compareAttempts({before, during}: BothAttempts, allowed: number, alpha: number): AttemptsCompared {
  const [was, is] = [totalOf(before.bins), totalOf(during.bins)];
  const effect = compareCounts(before.bins, during.bins, alpha);
  const share = is.trials === 0 ? 0 : is.events / is.trials;
  const rise = effect?.difference.estimate ?? share;
  const lone = is.events === 1 && share <= LONE;
  return {
    before: was,
    during: is,
    effect,
    chance: effect === undefined || during.unclear ? 1 : Math.max(effect.chanceAbove(0), effect.chanceAbove(allowed)),
    inDoubt: is.events > 0 && rise > allowed && !lone,
  };
}
