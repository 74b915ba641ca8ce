import type {MetricSpec, ToleranceSpec} from '../../experiment/experiment.js';
import {LOAD_MEASURES, type LoadMeasure} from '../../signals/load/spec.js';
import {quantity} from '../phrase.js';
import type {LoadSecond} from '../../signals/contract.js';
import {countOutcomes, measureLoad, outcomesText, secondsSeenBy} from '../../signals/load/measure.js';
import {judgeCapacityWindow} from './capacity-window.js';
import {loadOf, secondsOf, type MeasuredData, type Span} from './data.js';
import {SECOND_US} from '../../quantities/duration.js';
import {generatorFigures, lateness, shortfall} from './generator.js';
import {describeBounds, isWithin} from './tolerance.js';
import type {WindowDecision, WindowJudgement} from '../result.js';
import {outsideValues} from './outside.js';

/** At least this share of the window's seconds must be on record. */
const MIN_COVERED = 0.8;

/** The measure a load metric asks for; undefined when the parameters name none that is known. */
export function measureOf(metric: MetricSpec): LoadMeasure | undefined {
  return LOAD_MEASURES.find(measure => measure === metric.parameters['measure']);
}

/** The metric over these seconds, in its unit; null without an answered request. */
export function loadValue(metric: MetricSpec, seconds: readonly LoadSecond[]): number | null {
  const measure = measureOf(metric);
  const seen = secondsSeenBy(metric, seconds);
  if (measure === undefined || seen.every(second => second.sent === 0)) return null;
  return measureLoad(seen, measure).value;
}

/** What a metric shows in a single second, to be looked at: of a capacity the throughput, which it is read off. */
export function secondValue(metric: MetricSpec, second: LoadSecond): number | null {
  const shown = measureOf(metric) === 'capacity' ? {...metric.parameters, measure: 'throughput'} : metric.parameters;
  return loadValue({...metric, parameters: shown}, [second]);
}

/** The seconds as they would read had every request that could not be sent been answered well and at once. */
function atBest(seconds: readonly LoadSecond[]): readonly LoadSecond[] {
  return seconds.map(second => {
    const {unsent: _, ok = [], ...others} = second.outcomes;
    const spare = Math.max(0, second.intended - second.sent);
    return {...second, sent: second.sent + spare, outcomes: {...others, ok: [[0, spare] as const, ...ok]}};
  });
}

/** Why the seconds cannot decide anything; undefined when they can. */
function voidReason(metric: MetricSpec, seconds: readonly LoadSecond[], window: Span): string | undefined {
  const load = loadOf(metric);
  const expected = Math.floor((window.toUs - window.fromUs) / SECOND_US);
  if (seconds.length === 0) {
    return expected < 2
      ? `the window is too short: it holds no whole second of load ${load}`
      : `no second of load ${load} is on record in this window`;
  }
  // A window that does not start on a full second holds one whole second less than its length.
  if (seconds.length < (expected - 1) * MIN_COVERED) {
    return `only ${seconds.length} of ${expected} seconds of load ${load} are on record`;
  }
  const {intended, sent} = generatorFigures(seconds);
  if (intended === 0 || sent === 0) return `load ${load} sent no request in this window`;
  return undefined;
}

const UNANSWERED = 'no request was answered';

/**
 * Why a window shows nothing about the target, whatever is measured on the load: too few of its seconds are on record,
 * or too few of its requests were sent. Undefined when it does.
 */
export function loadDoubt(metric: MetricSpec, {loads}: MeasuredData, window: Span): string | undefined {
  const seconds = secondsOf(metric, loads, window);
  const reason = voidReason(metric, seconds, window);
  if (reason !== undefined) return reason;
  if (measureLoad(secondsSeenBy(metric, seconds), 'errors.ratio').value === null) return UNANSWERED;
  const short = shortfall(seconds);
  return short === undefined ? undefined : tooFewSent(seconds, short);
}

function tooFewSent(seconds: readonly LoadSecond[], short: string): string {
  return `${lateness(seconds) ?? short}: too few to judge the system by`;
}

/**
 * ` (380 status-503, 12 refused)`: what most of the failed requests of these seconds came to; nothing where none
 * failed.
 */
function failedText(metric: MetricSpec, seconds: readonly LoadSecond[]): string {
  const counts = Object.entries(countOutcomes(secondsSeenBy(metric, seconds)));
  const failures = counts.filter(([outcome]) => outcome !== 'ok' && outcome !== 'unsent' && outcome !== 'aborted');
  return failures.length === 0 ? '' : ` (${outcomesText(failures.slice(0, 3))})`;
}

/** When too little was sent: only what even the best case could not save is a deviation; nothing is ever held. */
function judgeUnderSent(
  metric: MetricSpec,
  tolerance: ToleranceSpec,
  {seconds, short}: {readonly seconds: readonly LoadSecond[]; readonly short: string},
): WindowDecision {
  const best = loadValue(metric, atBest(seconds));
  if (lateness(seconds) === undefined && best !== null && !isWithin(best, tolerance)) {
    const bounds = describeBounds(tolerance, metric.unit);
    const why = `${short}; had all the others been answered well it would still be ${quantity(best, metric.unit)}, allowed ${bounds}`;
    return {withinTolerance: false, verdict: 'deviated', why};
  }
  return {withinTolerance: null, verdict: 'inconclusive', why: tooFewSent(seconds, short)};
}

/**
 * A late generator makes latencies look worse than they are: those that are fine are fine, those that are not prove
 * nothing.
 */
function judgeSent(
  metric: MetricSpec,
  tolerance: ToleranceSpec,
  {seconds, value, said}: {readonly seconds: readonly LoadSecond[]; readonly value: number; readonly said: string},
): WindowDecision {
  const withinTolerance = isWithin(value, tolerance);
  const late = measureOf(metric)?.startsWith('latency.') === true ? lateness(seconds) : undefined;
  const failed = withinTolerance ? '' : failedText(metric, seconds);
  const why = `${said}${failed}, allowed ${describeBounds(tolerance, metric.unit)}`;
  if (late === undefined) return {withinTolerance, verdict: withinTolerance ? 'held' : 'deviated', why};
  return withinTolerance
    ? {withinTolerance, verdict: 'held', why: `${why}, although ${late}`}
    : {withinTolerance: null, verdict: 'inconclusive', why: `${why}; ${late}`};
}

/** Judges a load metric by its measure over all requests of the whole seconds inside the window. */
export function judgeLoadWindow(metric: MetricSpec, data: MeasuredData, window: Span): WindowJudgement {
  if (measureOf(metric) === 'capacity') return judgeCapacityWindow(metric, data, window);
  const seconds = secondsOf(metric, data.loads, window);
  const {intended, sent} = generatorFigures(seconds);
  const perSecond = seconds.map(second => loadValue(metric, [second])).filter(value => value !== null);
  const value = loadValue(metric, seconds);
  const figures = {
    value,
    min: perSecond.length === 0 ? null : Math.min(...perSecond),
    max: perSecond.length === 0 ? null : Math.max(...perSecond),
    samples: sent,
    missing: Math.max(0, intended - sent),
  };
  const {tolerance} = metric;
  const reason = voidReason(metric, seconds, window) ?? (value === null ? UNANSWERED : undefined);
  if (value === null || reason !== undefined) {
    const verdict = tolerance === undefined ? null : 'inconclusive';
    return {...figures, withinTolerance: null, verdict, why: `${reason ?? UNANSWERED}${failedText(metric, seconds)}`};
  }
  const said = `${quantity(value, metric.unit)} over ${sent} requests`;
  if (tolerance === undefined) return {...figures, withinTolerance: null, verdict: null, why: said};
  const short = shortfall(seconds);
  const decided =
    short === undefined
      ? judgeSent(metric, tolerance, {seconds, value, said})
      : judgeUnderSent(metric, tolerance, {seconds, short});
  const outside = outsideValues(perSecond, tolerance);
  return {...figures, ...decided, ...(outside === undefined ? {} : {outside})};
}
