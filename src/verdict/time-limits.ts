import type {MetricSpec, TimeLimitSpec} from '../experiment/experiment.js';
import {appliesIn} from '../experiment/deciding.js';
import {formatDuration, SECOND_US} from '../quantities/duration.js';
import {field, type Facts} from './facts.js';
import {baselineOf, injectedOf, recoveryOf, recoveryStartUs} from './intervals.js';
import {loadOf, wholeSecondsIn, type Span} from './judgement/data.js';
import {insideTolerance, sampleTracks, type LookTrack} from './judgement/looks.js';
import {DEFAULT_STABLE_US, recoveredSince} from './judgement/recovery.js';
import {describeBounds} from './judgement/tolerance.js';
import type {OccurrenceFacts} from './occurrences.js';
import {timesDue} from './out-of-tolerance.js';
import type {TimeLimitResult} from './result.js';
import {sayUs} from './time.js';

/** So many samples of a span may be missing because of where it begins and ends. */
const UNSEEN_ENDS = 2;

/** What a time came to, µs: it is known only to lie between two looks; `hiUs` null: it had not ended. */
interface Timed {
  readonly loUs: number;
  readonly hiUs: number | null;
  readonly occurrence?: string;
}

/** Why nothing is known of a time. */
interface Untimed {
  readonly why: string;
  readonly occurrence?: string;
}

/** How long a subject was outside, and on how many looks that rests. */
interface TimeOutside {
  readonly loUs: number;
  readonly hiUs: number;
  readonly looks: number;
}

/** The metric as if nothing but its bounds counted, whenever it is looked at. */
function boundsOnly({tolerance, ...metric}: MetricSpec): MetricSpec {
  if (tolerance === undefined) return {...metric, judge: ['recovery']};
  const {during: _, ...bounds} = tolerance;
  return {...metric, tolerance: bounds, judge: ['recovery']};
}

/** How long a metric took to be inside its tolerance and stay: from between two moments, until what was seen of it. */
function insideAfter(
  metric: MetricSpec,
  facts: Facts,
  {earliestUs, latestUs, toUs}: {earliestUs: number; latestUs: number; toUs: number},
): Timed | Untimed {
  const search = {fromUs: earliestUs, nowUs: toUs, stableUs: DEFAULT_STABLE_US, baseline: baselineOf(facts)};
  const {state, sinceUs, basis} = recoveredSince([boundsOnly(metric)], facts.evidence, search);
  if (sinceUs !== undefined)
    return {loUs: Math.max(0, sinceUs[0] - latestUs), hiUs: Math.max(0, sinceUs[1] - earliestUs)};
  if (state === 'not-yet') return {loUs: Math.max(0, toUs - latestUs), hiUs: null};
  const waiting = field(basis, 'waitingFor');
  return {why: Array.isArray(waiting) ? String(waiting[0]) : 'it is not known when it was inside'};
}

/**
 * From each injection until the next one, or as long as the tolerance applies and the metric was watched. Where it was
 * not inside by the next one, until the one after that: one fault may come while another one is in force.
 */
function insideAfterInjections(metric: MetricSpec, facts: Facts): readonly (Timed | Untimed)[] {
  const injected = injectedOf(facts);
  const endUs = recoveryOf(facts)?.toUs ?? facts.endUs;
  return injected.map(({planned, requestedUs, confirmedUs, segments}) => {
    const earliestUs = requestedUs ?? confirmedUs ?? 0;
    const later = injected.flatMap(next => next.requestedUs ?? []).filter(nextUs => nextUs > earliestUs);
    const ends = appliesIn(metric, 'recovery') ? [...later, endUs] : [segments.at(-1)?.toUs ?? endUs];
    const all = [...ends]
      .sort((a, b) => a - b)
      .map(toUs => insideAfter(metric, facts, {earliestUs, latestUs: confirmedUs ?? earliestUs, toUs}));
    const known = all.find(timed => 'hiUs' in timed && timed.hiUs !== null) ?? all.at(-1);
    return {...(known ?? {why: 'it is not known when it was inside'}), occurrence: planned.id};
  });
}

function insideAfterUndo(metric: MetricSpec, facts: Facts): Timed | Untimed {
  const fromUs = recoveryStartUs(facts);
  const span = recoveryOf(facts);
  if (fromUs === null || span === undefined) return {why: 'the run did not get to its recovery'};
  return insideAfter(metric, facts, {earliestUs: fromUs, latestUs: fromUs, toUs: span.toUs});
}

/** Looks that are outside, in how many rows, and those without an answer. */
function countOutside(looks: readonly (boolean | null)[]): {outside: number; rows: number; unknown: number} {
  const known = looks.filter(good => good !== null);
  const rows = known.filter((good, i) => !good && known[i - 1] !== false).length;
  return {outside: known.filter(good => !good).length, rows, unknown: looks.length - known.length};
}

/**
 * How long a metric was outside its tolerance in a span, by the name of its subject. A second of a load may have been
 * out for a part of it; between two samples it may have changed at any moment. What was not looked at is not known.
 */
function outsideIn(metric: MetricSpec, {evidence}: Facts, span: Span): ReadonlyMap<string, TimeOutside> {
  const lengthUs = span.toUs - span.fromUs;
  if (metric.source === 'load') {
    const within = insideTolerance(metric);
    const seconds = wholeSecondsIn(loadOf(metric), evidence.loads, {...span, fromUs: span.fromUs - SECOND_US});
    const {outside, rows, unknown} = countOutside(seconds.map(second => within([second])));
    const unseen = Math.max(0, Math.floor(lengthUs / SECOND_US) - seconds.length);
    const timed = {
      loUs: Math.max(0, outside - 2 * rows) * SECOND_US,
      hiUs: (outside + unknown + unseen) * SECOND_US,
      looks: seconds.length,
    };
    return new Map([[metric.name, timed]]);
  }
  const eachUs = metric.everyMs * 1000;
  const tracks = sampleTracks(metric, evidence, {...span, stableUs: DEFAULT_STABLE_US});
  return new Map(
    tracks.map(({name, looks}) => {
      const {outside, rows, unknown} = countOutside(looks.map(({good}) => good));
      // The first and the last one need not lie on the ends of the span.
      const unseen = Math.max(0, Math.floor(lengthUs / eachUs) - UNSEEN_ENDS - looks.length);
      const [began, ended] = readsAtEdges(looks);
      const loUs = Math.max(0, (outside - rows) * eachUs - began);
      return [name, {loUs, hiUs: (outside + rows + unknown + unseen) * eachUs + ended, looks: looks.length}];
    }),
  );
}

/**
 * How long the reads took in all that saw it outside first, and inside again: an answer may come from any moment of its
 * read.
 */
function readsAtEdges(looks: LookTrack['looks']): readonly [beganUs: number, endedUs: number] {
  const known = looks.filter(({good}) => good !== null);
  const longAll = (some: LookTrack['looks']) => some.reduce((sum, {fromUs, toUs}) => sum + (toUs - fromUs), 0);
  const began = known.filter(({good}, i) => good === false && known[i - 1]?.good !== false);
  const ended = known.filter(({good}, i) => good === true && known[i - 1]?.good === false);
  return [longAll(began), longAll(ended)];
}

function outsideInAll(metric: MetricSpec, facts: Facts): readonly (Timed | Untimed)[] {
  if (injectedOf(facts).length === 0) return [];
  const spans = timesDue(metric, facts);
  if (spans.length === 0) return [{why: 'the run did not get to where its tolerance applies'}];
  const all = new Map<string, TimeOutside>();
  for (const [name, {loUs, hiUs, looks}] of spans.flatMap(span => [...outsideIn(metric, facts, span)])) {
    const sum = all.get(name) ?? {loUs: 0, hiUs: 0, looks: 0};
    all.set(name, {loUs: sum.loUs + loUs, hiUs: sum.hiUs + hiUs, looks: sum.looks + looks});
  }
  const subjects = [...all.values()];
  if (subjects.every(({looks}) => looks === 0)) return [{why: `${metric.name}: no value since the injection`}];
  return subjects.map(({loUs, hiUs}) => ({loUs, hiUs}));
}

function undoOf({planned, undoRequestedUs, overUs}: OccurrenceFacts, {endUs}: Facts): Timed | Untimed {
  if (undoRequestedUs === null) return {why: 'its undo was not asked for', occurrence: planned.id};
  const tookUs = (overUs ?? endUs) - undoRequestedUs;
  return {loUs: tookUs, hiUs: overUs === null ? null : tookUs, occurrence: planned.id};
}

function timesOf(spec: TimeLimitSpec, facts: Facts): readonly (Timed | Untimed)[] {
  if (spec.of === 'undo') {
    const own = injectedOf(facts).filter(({planned}) => planned.fault === spec.fault);
    return own.map(occurrence => undoOf(occurrence, facts));
  }
  const metric = facts.experiment.steadyState.find(({name}) => name === spec.metric);
  if (metric === undefined) return [];
  if (spec.of === 'outside') return outsideInAll(metric, facts);
  return spec.from === 'injection' ? insideAfterInjections(metric, facts) : [insideAfterUndo(metric, facts)];
}

function verdictOf(timed: Timed | Untimed, limitUs: number): TimeLimitResult['verdict'] {
  if ('why' in timed) return 'inconclusive';
  if (timed.loUs > limitUs) return 'deviated';
  return timed.hiUs !== null && timed.hiUs <= limitUs ? 'held' : 'inconclusive';
}

/** `3.1s to 4.2s`, `at least 40s`; to the millisecond where it would read like the limit and is not. */
function tookWords({loUs, hiUs}: Timed, limitUs: number): string {
  const say = (us: number) =>
    sayUs(us) === sayUs(limitUs) && us !== limitUs ? formatDuration(Math.round(us / 1000)) : sayUs(us);
  if (hiUs === null) return `at least ${say(loUs)}`;
  const [lo, hi] = [say(loUs), say(hiUs)];
  return lo === hi ? hi : `${lo} to ${hi}`;
}

function whyOf(timed: Timed | Untimed, verdict: TimeLimitResult['verdict'], limitUs: number): string {
  if ('why' in timed) return timed.why;
  const took = `${tookWords(timed, limitUs)} (allowed: ${sayUs(limitUs)})`;
  if (verdict !== 'inconclusive') return took;
  return timed.hiUs === null
    ? `${took}; it had not ended when the run stopped watching`
    : `${took}; that is too coarse to tell`;
}

/** What is timed, in words. */
function whatOf(spec: TimeLimitSpec, {experiment}: Facts): string {
  if (spec.of === 'undo') return `the undo of ${spec.fault}, until it was verified`;
  const metric = experiment.steadyState.find(({name}) => name === spec.metric);
  const bounds = describeBounds(metric?.tolerance ?? {}, metric?.unit ?? 'number');
  if (spec.of === 'outside') return `${spec.metric} not ${bounds}, in all`;
  return `until ${spec.metric} was ${bounds} and stayed so, after the ${spec.from}`;
}

const WORST: readonly TimeLimitResult['verdict'][] = ['deviated', 'inconclusive', 'held'];

/**
 * The times that the file limits, each as an interval beside its limit, also where it held: the occurrence (or subject)
 * that kept to it worst is told.
 */
export function timeLimitResults(facts: Facts): readonly TimeLimitResult[] {
  const seconds = (us: number) => Math.round(us / 1000) / 1000;
  return (facts.experiment.expect.times ?? []).map(spec => {
    const limitUs = spec.limitMs * 1000;
    const all = timesOf(spec, facts).map(timed => ({timed, verdict: verdictOf(timed, limitUs)}));
    const weight = ({timed, verdict}: (typeof all)[number]) =>
      [WORST.indexOf(verdict), 'why' in timed ? 0 : -(timed.hiUs ?? Infinity)] as const;
    const sorted = [...all].sort((a, b) => weight(a)[0] - weight(b)[0] || weight(a)[1] - weight(b)[1]);
    const {timed, verdict} = sorted[0] ?? {timed: {why: 'nothing was injected'}, verdict: 'inconclusive' as const};
    const took =
      'why' in timed ? null : {atLeast: seconds(timed.loUs), atMost: timed.hiUs === null ? null : seconds(timed.hiUs)};
    return {
      name: spec.name,
      what: whatOf(spec, facts),
      limitSeconds: spec.limitMs / 1000,
      tookSeconds: took,
      verdict,
      why: whyOf(timed, verdict, limitUs),
      ...(timed.occurrence === undefined ? {} : {occurrence: timed.occurrence}),
    };
  });
}
