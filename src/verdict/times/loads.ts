import type {LoadSecond} from '../../signals/contract.js';
import {errorsOf} from '../../signals/load/measure.js';
import type {Facts} from '../facts.js';
import {injectedOf} from '../intervals.js';
import {loadOf, wholeSecondsIn, type Span} from '../judgement/data.js';
import {SECOND_US} from '../../quantities/duration.js';
import {areaOf, lostRequests} from '../../statistics/index.js';
import type {Estimate, LoadLosses, MetricTimes} from '../result.js';
import {lossesText} from './words.js';
import type {TimesWindows} from './windows.js';

const ALPHA = 0.01;
/** By how much the pace may differ for throughputs to be compared. */
const SAME_PACE = 0.05;

const paceOf = (seconds: readonly LoadSecond[]) =>
  seconds.reduce((sum, {intended}) => sum + intended, 0) / seconds.length;

/** Answers short of the baseline's throughput: only where as much was asked for in every window. */
function notServed(baseline: readonly LoadSecond[], affected: readonly LoadSecond[]): Estimate | null {
  const usual = paceOf(baseline);
  if (!(Math.abs(paceOf(affected) - usual) <= SAME_PACE * usual)) return null;
  const served = (seconds: readonly LoadSecond[]) =>
    seconds.map(second => {
      const {events, trials} = errorsOf(second);
      return trials - events;
    });
  return areaOf(served(baseline), served(affected), {sign: -1, binSeconds: 1, alpha: ALPHA})?.absolute ?? null;
}

/**
 * When all metrics of the load were proven back and inside their tolerances, at least until the undo was
 * verified; else the end of what was watched.
 */
function affectedUntil(facts: Facts, load: string, windows: TimesWindows, times: readonly MetricTimes[]): number {
  const {occurrence, fault, after} = windows;
  const own = facts.experiment.steadyState
    .filter(metric => metric.source === 'load' && loadOf(metric) === load)
    .map(({name}) => times.find(one => one.metric === name && one.occurrence === occurrence.planned.id));
  const ends = own.flatMap(one => {
    if (one === undefined || after === undefined) return [];
    const {recovered, tolerated} = one;
    const inside = tolerated === null ? [] : [after.fromUs + tolerated[1] * SECOND_US];
    if (recovered === null) return inside;
    return [...inside, recovered.atMost === null ? after.toUs : after.fromUs + recovered.atMost * SECOND_US];
  });
  return Math.max(fault.toUs, after?.fromUs ?? 0, ...ends);
}

/**
 * The seconds in which one occurrence cost requests: from the one in which it was asked for, but not those of the next
 * injection.
 */
function affectedSpan({requestedUs, after}: TimesWindows, untilUs: number): Span {
  const wholeUs = untilUs + SECOND_US - 1;
  return {
    fromUs: requestedUs - SECOND_US + 1,
    toUs: after === undefined ? wholeUs : Math.min(wholeUs, Math.max(untilUs, after.toUs)),
  };
}

/** What one occurrence cost the requests of one load until a moment; undefined where nothing was sent. */
export function lossesOf(
  load: string,
  loads: readonly LoadSecond[],
  {windows, untilUs}: {windows: TimesWindows; untilUs: number},
): Omit<LoadLosses, 'text'> | undefined {
  const {occurrence, zeroUs, baseline} = windows;
  const before = wholeSecondsIn(load, loads, baseline);
  const affected = wholeSecondsIn(load, loads, affectedSpan(windows, untilUs));
  const found = lostRequests(before.map(errorsOf), affected.map(errorsOf), ALPHA);
  const [first] = affected;
  const last = affected.at(-1);
  if (found === undefined || first === undefined || last === undefined) return undefined;
  const {estimate, lower, upper, sent, failed} = found;
  const seconds = (us: number) => Math.round((us - zeroUs) / 1000) / 1000;
  return {
    load,
    occurrence: occurrence.planned.id,
    from: seconds(first.at),
    to: seconds(last.at + SECOND_US),
    sent,
    failed,
    lost: {estimate, lower, upper},
    notServed: notServed(before, affected),
  };
}

/** What one occurrence cost the requests of every load, from the second of the injection on. */
export function loadLosses(facts: Facts, windows: TimesWindows, times: readonly MetricTimes[]): readonly LoadLosses[] {
  return Object.keys(facts.experiment.load).flatMap(load => {
    const untilUs = affectedUntil(facts, load, windows, times);
    const losses = lossesOf(load, facts.evidence.loads, {windows, untilUs});
    return losses === undefined ? [] : [{...losses, text: lossesText(losses, injectedOf(facts).length > 1)}];
  });
}
