import {decidesByDeviation} from '../../experiment/deciding.js';
import type {MetricSpec} from '../../experiment/experiment.js';
import {ALPHA} from '../change.js';
import type {Facts} from '../facts.js';
import {judgedSegments} from '../fault-windows.js';
import {baselineOf} from '../intervals.js';
import {loadOf, seriesOf, type MeasuredData, type Span} from '../judgement/data.js';
import {SECOND_US} from '../../quantities/duration.js';
import {directionsOf, heldLevel} from '../../statistics/decisions/comparison.js';
import {alphaAtLook} from '../../statistics/decisions/looks.js';
import type {Doubt} from '../../statistics/decisions/metric.js';
import {normalQuantile} from '../../statistics/distributions/normal.js';
import type {OccurrenceFacts} from '../occurrences.js';
import {inForceOf} from '../occurrence-results.js';
import type {DeviationResult} from '../result.js';
import {deviationsDuring} from './during.js';
import {openWords} from './words.js';

/** What a look says at an injection that may go on; see the event `looked`. */
export interface FaultLook {
  readonly answer: 'settled' | 'open' | 'hopeless';
  readonly open: readonly {readonly metric: string; readonly why: string}[];
}

/** What more of the same takes away. */
const CURABLE: ReadonlySet<string> = new Set<Doubt>([
  'few-values',
  'few-independent-values',
  'wide-interval',
  'several-metrics',
]);

/**
 * The interval of a short window shrinks faster than with the root of its length, because its noise gets known too:
 * only what is clearly too wide ends it.
 */
const LENIENT = 2;

/** Up to when a metric has been told, µs: requests in flight and what is scraped come later. */
function toldUntil(metric: MetricSpec, data: MeasuredData): number {
  if (metric.source === 'load') {
    const last = data.loads.findLast(({load}) => load === loadOf(metric));
    return last === undefined ? -Infinity : last.at + SECOND_US;
  }
  const ends = seriesOf(metric, data).flatMap(({samples}) => {
    const last = samples.at(-1);
    return last === undefined ? [] : [last.t + (last.lasts ?? metric.everyMs * 1000)];
  });
  return Math.max(-Infinity, ...ends);
}

/** The window that is compared so far: what some metric has not told yet is missing from none. */
function toldSegment(facts: Facts, {fromUs, toUs}: Span): Span {
  const deciding = facts.experiment.steadyState.filter(decidesByDeviation);
  const told = Math.min(toUs, ...deciding.map(metric => toldUntil(metric, facts.evidence)));
  return {fromUs, toUs: Math.max(fromUs, told)};
}

/** The times of an injection that may go on, and which of its looks this is. */
export interface Room {
  readonly baselineMs: number;
  readonly nowMs: number;
  readonly mostMs: number;
  readonly look: number;
  readonly looks: number;
}

/**
 * By how much the reach of an interval shrinks until the last look; where events are counted none at all may be left of
 * it.
 */
function shrinks({baselineMs, nowMs, mostMs, look, looks}: Room, of: DeviationResult['allowed']['of']): number {
  const variance = (ms: number) => 1 / baselineMs + 1 / ms;
  const reach = (at: number) => -normalQuantile(heldLevel(alphaAtLook(ALPHA, at, looks)));
  const root = (Math.sqrt(variance(mostMs) / variance(nowMs)) * reach(looks)) / reach(look);
  return of === 'share' ? Math.min(root, nowMs / mostMs) : root;
}

/** What is still open, and why. */
interface OpenChange {
  readonly change: Pick<NonNullable<DeviationResult['change']>, 'of' | 'estimate' | 'lower' | 'upper'> | null;
  readonly allowed: Pick<DeviationResult['allowed'], 'by' | 'of'>;
  readonly doubts: readonly {readonly code: string}[];
}

/**
 * Whether the time that is left could settle it: by then the interval must be so narrow that a metric which did not
 * change at all would hold, or that what was seen is proven to be worse. By the noise alone: where the estimate lies
 * now is chance for the most part.
 */
function couldSettle({change, allowed}: OpenChange, {worse}: Pick<MetricSpec, 'worse'>, room: Room): boolean {
  if (change === null || change.of !== allowed.of) return true;
  const {of, estimate, lower, upper} = change;
  if (estimate === null || lower === null || upper === null) return true;
  const onScale = (value: number) => (of === 'relative' ? Math.log1p(value) : value);
  return directionsOf(worse).every(direction => {
    const sign = direction === 'higher' ? 1 : -1;
    const [seen, limit, margin] = [estimate, sign > 0 ? upper : lower, sign * allowed.by].map(
      value => sign * onScale(value),
    ) as [number, number, number];
    return (limit - seen) * shrinks(room, of) < LENIENT * Math.max(margin, seen - margin);
  });
}

/**
 * Whether a fault is held on for a metric that is open: for what more of the same takes away, and could take away in
 * the time that is left.
 */
export function isWorthGoingOn(open: OpenChange, metric: Pick<MetricSpec, 'worse'>, room: Room): boolean {
  return open.doubts.every(({code}) => CURABLE.has(code)) && couldSettle(open, metric, room);
}

function roomOf(facts: Facts, {planned, look}: OccurrenceFacts, {fromUs, toUs}: Span): Room | undefined {
  const {looksMs = []} = planned;
  const baseline = baselineOf(facts);
  const mostMs = looksMs.at(-1);
  if (baseline === undefined || mostMs === undefined || toUs <= fromUs) return undefined;
  const lengthMs = ({fromUs, toUs}: Span) => (toUs - fromUs) / 1000;
  return {baselineMs: lengthMs(baseline), nowMs: lengthMs({fromUs, toUs}), mostMs, look, looks: looksMs.length};
}

/**
 * Looks at an injection that may go on, by the same comparison as the verdict and on the record so far. One metric that
 * has deviated settles the run: a system that is proven to be worse is not held broken for longer. What no time would
 * take away, or more than is left, ends it too.
 */
export function lookAtInjection(facts: Facts, occurrence: OccurrenceFacts): FaultLook {
  const last = judgedSegments(occurrence).at(-1);
  if (last === undefined || inForceOf(occurrence) === 'lost') return {answer: 'hopeless', open: []};
  const segment = toldSegment(facts, last);
  const answers = [...deviationsDuring(facts, occurrence, segment)].filter(([, {decides}]) => decides);
  const unsettled = answers.filter(([, {verdict}]) => verdict === 'inconclusive');
  if (unsettled.length === 0 || answers.some(([, {verdict}]) => verdict === 'deviated')) {
    return {answer: 'settled', open: []};
  }
  const named = unsettled.flatMap(([name, deviation]) => {
    const metric = facts.experiment.steadyState.find(candidate => candidate.name === name);
    return metric === undefined ? [] : [{metric, deviation}];
  });
  const open = named.map(({metric, deviation}) => ({metric: metric.name, why: openWords(deviation, metric)}));
  const room = roomOf(facts, occurrence, segment);
  const worthIt = room !== undefined && named.every(({metric, deviation}) => isWorthGoingOn(deviation, metric, room));
  return {answer: worthIt ? 'open' : 'hopeless', open};
}
