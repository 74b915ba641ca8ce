import type {MetricSpec} from '../../experiment/experiment.js';
import {STABLE_MS} from '../../experiment/least.js';
import type {JsonObject} from '../../quantities/json.js';
import {allowedAlone, errorsBeside, hidesFailures} from './availability.js';
import {waysBack, type BackInside} from './back-inside.js';
import {loadOf, wholeSecondsIn, type MeasuredData, type Span} from './data.js';
import {SECOND_US} from '../../quantities/duration.js';
import {
  answered,
  insideTolerance,
  loadTrack,
  OUTSIDE,
  sampleTracks,
  slowestUs,
  STILL_FAILS,
  type LookTrack,
  type WatchedSpan,
} from './looks.js';

export const DEFAULT_STABLE_US = STABLE_MS * 1000;

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
  /** `not-yet`: the newest values are outside. What only lacked the time, or the values, to be proven is `unknown`. */
  readonly state: 'yes' | 'not-yet' | 'unknown';
  /**
   * For `yes`: recovered between these two moments, because samples are discrete; back-dated to where the stable time
   * began.
   */
  readonly sinceUs?: readonly [lo: number, hi: number];
  readonly basis: JsonObject;
}

/**
 * Whether a metric is judged while the steady state comes back: by its tolerance, or else by its deviation from the
 * baseline.
 */
export function isJudgedInRecovery({tolerance, deviation, judge}: MetricSpec): boolean {
  return judge.includes('recovery') && (tolerance !== undefined || deviation !== undefined);
}

/** `open`: it may be back, and it may not. */
type RecoveryAnswer =
  | {readonly state: 'yes'; readonly name: string; readonly lo: number; readonly hi: number}
  | {readonly state: 'not-yet' | 'unknown' | 'open'; readonly why: string};

/**
 * The unbroken row of good looks that ends with the newest one, as an index; the length of the list when there is none.
 */
function startOfGoodRow(track: LookTrack): number {
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

/** The two newest values are outside: a single one may be an outlier, of which the next would have told. */
function isOutside(looks: LookTrack['looks']): boolean {
  const [newest, before] = looks
    .filter(({good}) => good !== null)
    .slice(-2)
    .reverse();
  return newest?.good === false && before?.good !== true;
}

/**
 * Whether it went out again and again in the last of the times for which it must be stable: a single look outside may
 * be an outlier.
 */
function isFlapping(looks: LookTrack['looks'], sinceUs: number): boolean {
  const recent = looks.filter(({fromUs, good}) => fromUs >= sinceUs && good !== null);
  const wentOut = recent.some(({good}, i) => good === false && recent[i - 1]?.good === true);
  return wentOut && recent.filter(({good}) => good === false).length > 1;
}

function answerOf(track: LookTrack, search: RecoverySearch): RecoveryAnswer {
  const {looks, patienceUs, name} = track;
  const newest = looks.at(-1);
  if (newest === undefined) {
    const waited = search.nowUs - search.fromUs > search.stableUs + patienceUs;
    return {state: waited ? 'unknown' : 'open', why: `${name}: no value since the undo`};
  }
  if (search.nowUs - newest.toUs > patienceUs) return {state: 'unknown', why: `${name}: no fresh value`};
  const start = startOfGoodRow(track);
  const first = looks[start];
  if (first === undefined) {
    return newest.good === null
      ? {state: 'unknown', why: `${name}: the newest sample has no value`}
      : {state: isOutside(looks) ? 'not-yet' : 'open', why: `${name}: ${track.otherwise}`};
  }
  if (newest.toUs - first.fromUs < search.stableUs) {
    const state = isFlapping(looks, newest.toUs - search.stableUs) ? 'not-yet' : 'open';
    return {state, why: `${name}: not stable for long enough`};
  }
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

function backInsideAnswer(
  name: string,
  {track, time}: BackInside,
  search: RecoverySearch,
  waitUs: number,
): RecoveryAnswer {
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

/**
 * Metrics without a tolerance are back when every subject is proven to be within the allowed change of the baseline.
 */
function answersByDeviation(metric: MetricSpec, data: MeasuredData, search: RecoverySearch): readonly RecoveryAnswer[] {
  const {baseline, fromUs, nowUs} = search;
  if (baseline === undefined) return [{state: 'unknown', why: `${metric.name}: no baseline to compare with`}];
  const after = {fromUs, toUs: nowUs};
  const waitUs = waitOf(metric, data, after);
  const answers = waysBack(metric, data, {baseline, after}).map(way =>
    backInsideAnswer(nameOf(metric, way), way, search, waitUs),
  );
  return answers.length > 0 ? answers : [{state: 'unknown', why: `${metric.name}: no value since the undo`}];
}

const watched = ({fromUs, nowUs, stableUs}: RecoverySearch): WatchedSpan => ({fromUs, toUs: nowUs, stableUs});

function answersByTolerance(metric: MetricSpec, data: MeasuredData, search: RecoverySearch): readonly RecoveryAnswer[] {
  const span = watched(search);
  const tracks =
    metric.source === 'load'
      ? [loadTrack(metric, data, {span, within: insideTolerance(metric), otherwise: OUTSIDE})]
      : sampleTracks(metric, data, span);
  return tracks.map(track => answerOf(track, search));
}

/**
 * Whether the attempts to measure a metric are answered again, where some failed since the undo and its values do not
 * show it. The errors of a load that are judged themselves answer for all metrics of it.
 */
function answersByAttempts(
  metric: MetricSpec,
  data: MeasuredData,
  {search, judged}: {readonly search: RecoverySearch; readonly judged: readonly MetricSpec[]},
): readonly RecoveryAnswer[] {
  if (!hidesFailures(metric) || errorsBeside(metric, judged) !== undefined) return [];
  const {source, tolerance} = metric;
  // With a tolerance, samples of which the target failed are outside it already.
  if (source !== 'load' && tolerance !== undefined) return [];
  const span = watched(search);
  const usual = search.baseline === undefined ? [] : wholeSecondsIn(loadOf(metric), data.loads, search.baseline);
  const within = answered(metric, usual, allowedAlone(metric));
  const tracks =
    source === 'load'
      ? [loadTrack(metric, data, {span, within, otherwise: STILL_FAILS})]
      : sampleTracks(metric, data, span);
  return tracks
    .filter(({looks}) => looks.some(({good}) => good === false))
    .map(track => answerOf({...track, looks: track.looks.filter(({good}) => good !== null)}, search));
}

/**
 * Whether all metrics that are judged in recovery are back: inside their tolerances for the stable time, or, without a
 * tolerance, proven to be within the allowed change of their baselines. Missing data is never recovery; complete
 * seconds only for loads. Used live and, for killed runs, afterwards.
 */
export function recoveredSince(
  metrics: readonly MetricSpec[],
  data: MeasuredData,
  search: RecoverySearch,
): RecoveryState {
  const judged = metrics.filter(isJudgedInRecovery);
  if (judged.length === 0) return {state: 'unknown', basis: {why: 'no metric is judged in recovery'}};
  const answers = judged.flatMap(metric => {
    const attempts = answersByAttempts(metric, data, {search, judged});
    // While its target fails there is nothing to compare.
    if (attempts.some(({state}) => state === 'not-yet')) return attempts;
    const values =
      metric.tolerance === undefined
        ? answersByDeviation(metric, data, search)
        : answersByTolerance(metric, data, search);
    return [...values, ...attempts];
  });
  const waiting = answers.flatMap(answer => (answer.state === 'yes' ? [] : [answer]));
  if (waiting.length > 0) {
    const states = waiting.map(answer => answer.state);
    // One that is outside is enough to know that not all are back, whatever is not known of the others.
    return {
      state: states.includes('not-yet') ? 'not-yet' : 'unknown',
      basis: {waitingFor: waiting.map(answer => answer.why)},
    };
  }
  const back = answers.flatMap(answer => (answer.state === 'yes' ? [answer] : []));
  const lo = Math.max(...back.map(answer => answer.lo));
  const hi = Math.max(...back.map(answer => answer.hi));
  const last = back.find(answer => answer.hi === hi)?.name ?? '';
  return {state: 'yes', sinceUs: [lo, hi], basis: {sinceUs: [lo, hi], lastBack: last, stableUs: search.stableUs}};
}
