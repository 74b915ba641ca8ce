import type {MetricSpec} from '../../experiment/experiment.js';
import type {LoadSecond} from '../../signals/contract.js';
import {bucketMiddle} from '../../quantities/histogram.js';
import type {JsonObject} from '../../quantities/json.js';
import {
  latenessUs,
  loadOf,
  numberOf,
  samplesIn,
  SECOND_US,
  seriesOf,
  wholeSecondsIn,
  type MeasuredData,
  type Span,
} from './data.js';
import {waysBack, type BackInside} from './back-inside.js';
import {MIN_SENT} from './generator.js';
import {loadValue} from './load-window.js';
import {isWithin} from './tolerance.js';

export const DEFAULT_STABLE_US = 5 * SECOND_US;

export interface RecoverySearch {
  /** When the fault was undone (or, for platform-healed events, happened). Monotonic µs, as all times here. */
  readonly fromUs: number;
  readonly nowUs: number;
  /** How long everything must have been back before it counts (hysteresis). */
  readonly stableUs: number;
  /** What metrics without a tolerance must come back to. */
  readonly baseline?: Span | undefined;
}

export interface RecoveryState {
  readonly state: 'yes' | 'not-yet' | 'unknown';
  /** For `yes`: recovered between these two moments, because samples are discrete; back-dated to where the stable time began. */
  readonly sinceUs?: readonly [lo: number, hi: number];
  readonly basis: JsonObject;
}

/** One look at a metric: a sample, or one second of a load. `good` is null when it has no value. */
interface Look {
  readonly fromUs: number;
  readonly toUs: number;
  readonly good: boolean | null;
}

interface Track {
  readonly name: string;
  readonly looks: readonly Look[];
  /** Longest time between two looks that still counts as watching, µs. */
  readonly gapUs: number;
  /** How old the newest look may be, µs. */
  readonly patienceUs: number;
}

/** Whether a metric is judged while the steady state comes back: by its tolerance, or else by its deviation from the baseline. */
export function isJudgedInRecovery({tolerance, deviation, judge}: MetricSpec): boolean {
  return judge.includes('recovery') && (tolerance !== undefined || deviation !== undefined);
}

/** The longest wait for an answer. A second is on record only once all its requests are answered or timed out. */
function slowestUs(seconds: readonly LoadSecond[]): number {
  const buckets = seconds.flatMap(second => Object.values(second.outcomes).map(outcome => outcome.at(-1)?.[0] ?? 0));
  return bucketMiddle(buckets.reduce((a, b) => Math.max(a, b), 0));
}

/**
 * One second alone may be out by chance (a p99 over 50 requests is their maximum), so a second counts as good also when
 * it is inside a time of `stableUs` before it that as a whole is within the tolerance. Directly after the undo there is no such time.
 */
function loadTrack(metric: MetricSpec, data: MeasuredData, span: Span & {readonly stableUs: number}): Track {
  const tolerance = metric.tolerance ?? {};
  const seconds = wholeSecondsIn(loadOf(metric), data.loads, span);
  const within = (some: readonly LoadSecond[]): boolean | null => {
    const value = loadValue(metric, some);
    if (value === null) return null;
    return isWithin(value, tolerance) && some.every(second => second.sent >= second.intended * MIN_SENT);
  };
  const goodAt = (second: LoadSecond, i: number): boolean | null => {
    const toUs = second.at + SECOND_US;
    const most = Math.ceil(span.stableUs / SECOND_US);
    const before = seconds.slice(Math.max(0, i + 1 - most), i + 1).filter(other => other.at >= toUs - span.stableUs);
    const covered = toUs - (before[0]?.at ?? toUs) >= span.stableUs;
    const good = within([second]);
    return good === false && covered ? within(before) : good;
  };
  let last: boolean | null = null;
  const looks = seconds.map((second, i) => {
    // A slow pace leaves seconds in which nothing was asked for: they are as good as the one before.
    last = second.intended === 0 ? last : goodAt(second, i);
    return {fromUs: second.at, toUs: second.at + SECOND_US, good: last};
  });
  return {
    name: metric.name,
    looks,
    gapUs: SECOND_US / 2,
    patienceUs: 5 * SECOND_US + Math.max(metric.timeoutMs * 1000, slowestUs(seconds)),
  };
}

/** A single sample outside between two that are inside is an outlier, as it is in every other window. */
function forgiveSingles(looks: readonly Look[]): readonly Look[] {
  return looks.map((look, i) =>
    look.good === false && looks[i - 1]?.good === true && looks[i + 1]?.good === true ? {...look, good: true} : look,
  );
}

function sampleTracks(metric: MetricSpec, data: MeasuredData, span: Span): readonly Track[] {
  const tolerance = metric.tolerance ?? {};
  const tracks = seriesOf(metric, data).map(series => ({
    name: series.subject === undefined ? metric.name : `${metric.name} of ${series.subject}`,
    looks: forgiveSingles(
      samplesIn(series, span).map(sample => {
        const value = numberOf(sample);
        const toUs = sample.t + (sample.lasts ?? sample.d);
        return {fromUs: sample.t, toUs, good: value === null ? null : isWithin(value, tolerance)};
      }),
    ),
    gapUs: (2.5 * metric.everyMs + metric.timeoutMs) * 1000,
    patienceUs: (Math.max(3 * metric.everyMs, 5000) + metric.timeoutMs) * 1000 + latenessUs(series),
  }));
  return tracks.length > 0 ? tracks : [{name: metric.name, looks: [], gapUs: 0, patienceUs: 0}];
}

/** `open`: it may be back, and it may not. */
type Answer =
  | {readonly state: 'yes'; readonly name: string; readonly lo: number; readonly hi: number}
  | {readonly state: 'not-yet' | 'unknown' | 'open'; readonly why: string};

/** The unbroken row of good looks that ends with the newest one, as an index; the length of the list when there is none. */
function startOfGoodRow(track: Track): number {
  const {looks, gapUs} = track;
  let start = looks.length;
  for (let i = looks.length - 1; i >= 0; i--) {
    const look = looks[i];
    const next = looks[i + 1];
    if (look?.good !== true || (next !== undefined && next.fromUs - look.toUs > gapUs)) break;
    start = i;
  }
  return start;
}

function answerOf(track: Track, search: RecoverySearch): Answer {
  const {looks, patienceUs, name} = track;
  const newest = looks.at(-1);
  if (newest === undefined) {
    const waited = search.nowUs - search.fromUs > search.stableUs + patienceUs;
    return {state: waited ? 'unknown' : 'not-yet', why: `${name}: no value since the undo`};
  }
  if (search.nowUs - newest.toUs > patienceUs) return {state: 'unknown', why: `${name}: no fresh value`};
  const start = startOfGoodRow(track);
  const first = looks[start];
  if (first === undefined) {
    return newest.good === null
      ? {state: 'unknown', why: `${name}: the newest sample has no value`}
      : {state: 'not-yet', why: `${name}: outside its tolerance`};
  }
  if (newest.toUs - first.fromUs < search.stableUs)
    return {state: 'not-yet', why: `${name}: not stable for long enough`};
  // It came back somewhere between the last look that was not good and the first one that was.
  const before = looks[start - 1];
  return {state: 'yes', name, lo: Math.min(before?.fromUs ?? search.fromUs, first.fromUs), hi: first.toUs};
}

function nameOf({name}: MetricSpec, {subject}: {readonly subject?: string}): string {
  return subject === undefined ? name : `${name} of ${subject}`;
}

/** How long an answer of this metric may take, µs. */
function waitOf(metric: MetricSpec, data: MeasuredData, span: Span): number {
  const slowest = metric.source === 'load' ? slowestUs(wholeSecondsIn(loadOf(metric), data.loads, span)) : 0;
  return Math.max(metric.timeoutMs * 1000, slowest);
}

function backInsideAnswer(name: string, {track, time}: BackInside, search: RecoverySearch, waitUs: number): Answer {
  if (time === undefined) return {state: 'unknown', why: `${name}: the baseline is too short to compare with`};
  const {fromUs, binUs, bins} = track;
  const newestUs = fromUs + (bins.findLastIndex(value => value !== null) + 1) * binUs;
  const patienceUs = Math.max(3 * binUs, 5 * SECOND_US) + waitUs;
  if (search.nowUs - newestUs > patienceUs) return {state: 'unknown', why: `${name}: no fresh value`};
  const {atLeast, atMost} = time.took;
  if (atMost !== null) {
    const lo = atLeast === 0 ? search.fromUs : fromUs + atLeast * binUs;
    return {state: 'yes', name, lo, hi: fromUs + atMost * binUs};
  }
  return time.latest === 'degraded'
    ? {state: 'not-yet', why: `${name}: outside the allowed change of its baseline`}
    : {state: 'open', why: `${name}: not proven to be within the allowed change of its baseline`};
}

/** Metrics without a tolerance are back when every subject is proven to be within the allowed change of the baseline (research/statistics 3.6). */
function answersByDeviation(metric: MetricSpec, data: MeasuredData, search: RecoverySearch): readonly Answer[] {
  const {baseline, fromUs, nowUs} = search;
  if (baseline === undefined) return [{state: 'unknown', why: `${metric.name}: no baseline to compare with`}];
  const after = {fromUs, toUs: nowUs};
  const waitUs = waitOf(metric, data, after);
  const answers = waysBack(metric, data, {baseline, after}).map(way =>
    backInsideAnswer(nameOf(metric, way), way, search, waitUs),
  );
  return answers.length > 0 ? answers : [{state: 'unknown', why: `${metric.name}: no value since the undo`}];
}

function answersByTolerance(metric: MetricSpec, data: MeasuredData, search: RecoverySearch): readonly Answer[] {
  const span = {fromUs: search.fromUs, toUs: search.nowUs, stableUs: search.stableUs};
  const tracks = metric.source === 'load' ? [loadTrack(metric, data, span)] : sampleTracks(metric, data, span);
  return tracks.map(track => answerOf(track, search));
}

/**
 * Whether all metrics that are judged in recovery are back: inside their tolerances for the stable time, or, without a tolerance,
 * proven to be within the allowed change of their baselines. Missing data is never recovery; complete seconds only for loads. Used
 * live and, for killed runs, afterwards.
 */
export function recoveredSince(
  metrics: readonly MetricSpec[],
  data: MeasuredData,
  search: RecoverySearch,
): RecoveryState {
  const judged = metrics.filter(isJudgedInRecovery);
  if (judged.length === 0) return {state: 'unknown', basis: {why: 'no metric is judged in recovery'}};
  const answers = judged.flatMap(metric =>
    metric.tolerance === undefined
      ? answersByDeviation(metric, data, search)
      : answersByTolerance(metric, data, search),
  );
  const waiting = answers.flatMap(answer => (answer.state === 'yes' ? [] : [answer]));
  if (waiting.length > 0) {
    const states = waiting.map(answer => answer.state);
    const known = states.includes('not-yet') && !states.includes('unknown');
    return {state: known ? 'not-yet' : 'unknown', basis: {waitingFor: waiting.map(answer => answer.why)}};
  }
  const back = answers.flatMap(answer => (answer.state === 'yes' ? [answer] : []));
  const lo = Math.max(...back.map(answer => answer.lo));
  const hi = Math.max(...back.map(answer => answer.hi));
  const last = back.find(answer => answer.hi === hi)?.name ?? '';
  return {state: 'yes', sinceUs: [lo, hi], basis: {sinceUs: [lo, hi], lastBack: last, stableUs: search.stableUs}};
}
