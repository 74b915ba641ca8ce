import {countOf, mergeHistograms, quantileOf, type SparseHistogram} from '../quantities/histogram.js';
import {formatShare} from '../quantities/share.js';
import {errorsOf, outcomesText} from '../signals/load/measure.js';
import type {Facts} from './facts.js';
import {baselineOf, injectedOf, recoveryOf} from './intervals.js';
import {wholeSecondsIn, type Span} from './judgement/data.js';
import {SECOND_US} from '../quantities/duration.js';
import {lostRequests} from '../statistics/index.js';
import {outOfTolerance} from './out-of-tolerance.js';
import {count} from './phrase.js';
import {settlingUs} from './outside-windows/settling.js';
import {say, sayUs} from './time.js';
import type {Estimate, TimesResult} from './result.js';
import {timesWindows} from './times/windows.js';
import {countWords} from './times/words.js';

/** Requests of one load from the injection until its metrics were back: of all injections together. */
export interface LoadImpact {
  readonly load: string;
  /** How long that was, and after how many injections; undefined: until the end of what was watched. */
  readonly affected?: {readonly seconds: number; readonly injections: number};
  readonly sent: number;
  readonly failed: number;
  /** Failures beyond what the baseline's own share would have given; null without requests in the baseline. */
  readonly lost: Estimate | null;
  /** Share that failed while a fault was in force; null without requests. */
  readonly failedShare: number | null;
  readonly baselineShare: number | null;
  /** How long half of the failed requests waited at least for their failure, ms; null without failures. */
  readonly failedAfterMs: number | null;
  /** How long half of all requests took at most in the baseline, ms. */
  readonly baselineMs: number | null;
  /** What the failures were, most frequent first. */
  readonly outcomes: readonly (readonly [outcome: string, count: number])[];
}

/** From the first request for a change to the end of what was watched; undefined when nothing was injected. */
export function affectedSpan(facts: Facts): Span | undefined {
  const injected = injectedOf(facts);
  if (injected.length === 0) return undefined;
  const fromUs = Math.min(...injected.map(({requestedUs, confirmedUs}) => requestedUs ?? confirmedUs ?? Infinity));
  const toUs = recoveryOf(facts)?.toUs ?? facts.endUs;
  return {fromUs, toUs: Math.max(fromUs, toUs)};
}

/** Outcomes that say nothing about the system: never sent, or torn down with the generator. */
const NOT_THE_SYSTEM: ReadonlySet<string> = new Set(['unsent', 'aborted']);

function tally(facts: Facts, load: string, spans: readonly Span[]) {
  // The second in which the fault began belongs to it.
  const wide = spans.map(({fromUs, toUs}) => ({fromUs: fromUs - SECOND_US, toUs: toUs + SECOND_US}));
  const outcomes = new Map<string, SparseHistogram>();
  for (const second of wide.flatMap(span => wholeSecondsIn(load, facts.evidence.loads, span))) {
    for (const [outcome, histogram] of Object.entries(second.outcomes)) {
      if (NOT_THE_SYSTEM.has(outcome)) continue;
      outcomes.set(outcome, mergeHistograms([outcomes.get(outcome) ?? [], histogram]));
    }
  }
  const bad = [...outcomes].filter(([outcome]) => outcome !== 'ok');
  const failures = bad.map(([outcome, histogram]) => [outcome, countOf(histogram)] as const);
  const failed = failures.reduce((sum, [, amount]) => sum + amount, 0);
  return {
    sent: failed + countOf(outcomes.get('ok') ?? []),
    failed,
    failures,
    medianMs: toMs(quantileOf(mergeHistograms(outcomes.values()), 0.5)),
    failedAfterMs: toMs(quantileOf(mergeHistograms(bad.map(([, histogram]) => histogram)), 0.5)),
  };
}

const toMs = (us: number | null) => (us === null ? null : us / 1000);

const LOST_ALPHA = 0.01;

function lostOf(
  facts: Facts,
  load: string,
  {baseline, affected}: {baseline: Span | undefined; affected: Span},
): Estimate | null {
  if (baseline === undefined) return null;
  const {loads} = facts.evidence;
  const wide = {fromUs: affected.fromUs - SECOND_US, toUs: affected.toUs + SECOND_US};
  const [before, after] = [baseline, wide].map(window => wholeSecondsIn(load, loads, window).map(errorsOf));
  return lostRequests(before ?? [], after ?? [], LOST_ALPHA) ?? null;
}

/** The times in which injections cost a load requests, where they are known of each: the same that `times` tells. */
function affectedTimes(facts: Facts, load: string, {loads}: TimesResult) {
  const own = loads.filter(one => one.load === load);
  const injected = injectedOf(facts);
  if (own.length === 0 || own.length < injected.length) return undefined;
  const zeros = new Map(timesWindows(facts).map(({occurrence, zeroUs}) => [occurrence.planned.id, zeroUs]));
  // Whole seconds, and `tally` widens every span by one at both ends: half of one leaves room for rounding.
  const spans = own.map(({occurrence, from, to}) => {
    const zeroUs = zeros.get(occurrence) ?? 0;
    return {fromUs: Math.round(zeroUs + (from + 0.5) * SECOND_US), toUs: Math.round(zeroUs + (to - 0.5) * SECOND_US)};
  });
  const sum = (of: (one: (typeof own)[number]) => number) => own.reduce((all, one) => all + of(one), 0);
  const lost = {
    estimate: sum(one => one.lost.estimate),
    lower: sum(one => one.lost.lower),
    upper: sum(one => one.lost.upper),
  };
  return {spans, lost, affected: {seconds: sum(({from, to}) => to - from), injections: own.length}};
}

/** What happened to the requests of each load, in counts. */
export function loadImpacts(facts: Facts, times: TimesResult): readonly LoadImpact[] {
  const span = affectedSpan(facts);
  const baseline = baselineOf(facts);
  if (span === undefined) return [];
  return Object.keys(facts.experiment.load).map(load => {
    const known = affectedTimes(facts, load, times);
    const all = tally(facts, load, known?.spans ?? [span]);
    const before =
      baseline === undefined
        ? undefined
        : tally(facts, load, [{fromUs: baseline.fromUs, toUs: baseline.toUs - SECOND_US}]);
    const baselineShare = before === undefined || before.sent === 0 ? null : before.failed / before.sent;
    const held = injectedOf(facts).flatMap(({segments}) => segments);
    const {sent, failed} = tally(
      facts,
      load,
      held.map(({fromUs, toUs}) => ({fromUs: fromUs + SECOND_US, toUs: toUs - SECOND_US})),
    );
    return {
      load,
      ...(known === undefined ? {} : {affected: known.affected}),
      sent: all.sent,
      failed: all.failed,
      lost: known?.lost ?? lostOf(facts, load, {baseline, affected: span}),
      failedShare: sent === 0 ? null : failed / sent,
      baselineShare,
      failedAfterMs: all.failedAfterMs,
      baselineMs: before?.medianMs ?? null,
      outcomes: [...all.failures].sort(([, a], [, b]) => b - a),
    };
  });
}

/**
 * `439 of 480 requests failed in the 18s from the injection on`, with how many more than usual where some fail anyway.
 */
export function failedWords({sent, failed, affected, lost, baselineShare}: LoadImpact): string {
  const {seconds, injections} = affected ?? {seconds: 0, injections: 0};
  const when =
    affected === undefined
      ? 'from the injection on'
      : `in the ${say(seconds)} ${injections === 1 ? 'from the injection on' : `after ${injections} injections`}`;
  const usual =
    baselineShare === null || baselineShare === 0 || lost === null || lost.lower <= 0
      ? ''
      : `, ${countWords(lost)} more than the ${formatShare(baselineShare)} that fail in the baseline`;
  return `${failed} of ${count(sent, 'request')} failed ${when}${usual}`;
}

/**
 * The impact in sentences with figures, for the report; `changes` are those of metrics that are judged by their change.
 */
export function impactSentences(facts: Facts, times: TimesResult, changes: readonly string[] = []): readonly string[] {
  const span = affectedSpan(facts);
  if (span === undefined) return ['Nothing was injected, so nothing was affected.'];
  const loads = loadImpacts(facts, times).map(impact => {
    if (impact.sent === 0) return `${impact.load}: no request is on record after the injection.`;
    const kinds = outcomesText(impact.outcomes.slice(0, 3));
    return `${impact.load}: ${failedWords(impact)}${kinds === '' ? '' : `: ${kinds}`}.`;
  });
  const outside = facts.experiment.steadyState
    .map(metric => outOfTolerance(metric, facts, span))
    .filter(({totalUs}) => totalUs > 0)
    .map(({metric, totalUs}) => {
      const settling = settlingUs(facts, metric) >= totalUs ? ', all of it in the time that it may take to settle' : '';
      return `${metric}: outside its tolerance for ${sayUs(totalUs)} in all${settling}.`;
    });
  const all = [...loads, ...outside, ...changes];
  const byTolerance = facts.experiment.steadyState.every(({deviation}) => deviation === undefined);
  return all.length > 0 ? all : [`No metric ${byTolerance ? 'was outside its tolerance' : 'left what is allowed'}.`];
}
