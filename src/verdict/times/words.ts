import {formatShare} from '../../quantities/share.js';
import type {Unit} from '../../quantities/unit.js';
import type {Facts} from '../facts.js';
import type {AreaResult, Estimate, LoadLosses, MetricTimes, RecoveryInterval} from '../result.js';
import {count, quantity} from '../phrase.js';
import {say, sayRoughly} from '../time.js';

/** Words for times: intervals are told as intervals, and what is not known as not known. */

/** `3s to 6s`, or `6s` where both say the same. */
export function between(from: number, to: number): string {
  return say(from) === say(to) ? say(to) : `${say(from)} to ${say(to)}`;
}

/** `12s to 17s`, `within 5s`, `longer than 60s`, `not proven`. */
export function recoveryWords({atLeast, atMost}: RecoveryInterval): string {
  if (atMost !== null) return atLeast === 0 ? `within ${say(atMost)}` : between(atLeast, atMost);
  return atLeast > 0 ? `longer than ${say(atLeast)}` : 'not proven';
}

/** `10% of its baseline`, `20ms`, `1% of the requests`. */
export function allowedWords({by, of}: MetricTimes['allowed'], unit: Unit): string {
  if (of === 'unit') return quantity(by, unit);
  return `${formatShare(by)} of ${of === 'share' ? 'the requests' : 'its baseline'}`;
}

/** `412 (398 to 412)` of anything that is counted in whole numbers. */
export function countWords({estimate, lower, upper}: Estimate): string {
  const [middle, least, most] = [estimate, lower, upper].map(Math.round);
  return least === most ? String(middle) : `${middle} (${least} to ${most})`;
}

/** The two limits of what is uncertain; a lower one that is not above zero is none that can be told. */
function ends(show: (value: number) => string, {lower, upper}: Estimate): string {
  if (lower <= 0) return ` (at most ${show(upper)})`;
  return show(lower) === show(upper) ? '' : ` (${show(lower)} to ${show(upper)})`;
}

/** What an area says: `46s (41s to 52s)` of the baseline, `4s of full failure (3.8s to 4.2s)`, or in units. */
export function areaWords({relative, absolute}: AreaResult, {of}: MetricTimes['allowed'], unit: Unit): string {
  if (of === 'share') return `${signed(absolute.estimate)} of full failure${ends(sayRoughly, absolute)}`;
  if (relative !== null) return `${signed(relative.estimate)}${ends(sayRoughly, relative)}`;
  const show = (value: number) => `${value < 0 ? '−' : ''}${quantity(Math.abs(value), unit)}·s`;
  return `${show(absolute.estimate)}${ends(show, absolute)}`;
}

/** A duration with its sign. */
function signed(seconds: number): string {
  return `${seconds < 0 ? '−' : ''}${sayRoughly(Math.abs(seconds))}`;
}

type WordedTimes = Omit<MetricTimes, 'text'>;

/** How long it was away against the baseline; where the watch ended with the tolerance, only what goes beyond that. */
function baselineClause({recoveries, watchedSeconds, tolerated}: WordedTimes, cause: string): string {
  const last = recoveries.at(-1);
  if (last === undefined) return '';
  const relapses = recoveries.length - 1;
  const again = relapses === 0 ? '' : `, after ${count(relapses, 'relapse')}`;
  if (last.atMost !== null) return `; it was back at its baseline ${recoveryWords(last)} after ${cause}${again}`;
  if (tolerated !== null && last.atLeast <= tolerated[1]) return again;
  const away = last.atLeast > 0 ? `; it was still away ${say(last.atLeast)} after ${cause}` : '';
  const watched = watchedSeconds === null ? '' : ` by the end of the watch, ${say(watchedSeconds)} after ${cause}`;
  return `${away}; it was not proven to be back at its baseline${watched}${again}`;
}

function backClause(times: WordedTimes, cause: string): string {
  const {tolerated, toleratedBeforeUndo} = times;
  if (toleratedBeforeUndo !== undefined)
    return `; it was inside its tolerance again ${say(toleratedBeforeUndo)} after the fault, before the undo`;
  const inside = tolerated === null ? '' : `; it was inside its tolerance ${between(...tolerated)} after ${cause}`;
  return `${inside}${baselineClause(times, cause)}`;
}

function beganClause(
  {onset, unknown, recovered, toleratedBeforeUndo}: WordedTimes,
  {fault, cause, beyond}: {fault: string; cause: string; beyond: string},
): string {
  if (unknown !== undefined) return `deviated at a time that is not known: ${unknown}`;
  if (onset === null)
    return recovered === null || toleratedBeforeUndo !== undefined
      ? 'left its tolerance'
      : `deviated ${beyond} only after ${cause}`;
  const [earliest, detected] = onset;
  const from = earliest <= 0 ? `with ${fault}` : `${say(earliest)} after ${fault}`;
  return `deviated ${beyond}: it began ${from} at the earliest, and was proven after ${say(detected)}`;
}

function unitOf(metric: string, {steadyState}: Facts['experiment']): Unit {
  return steadyState.find(({name}) => name === metric)?.unit ?? 'number';
}

/** The times of one metric in one plain sentence. */
export function metricTimesText(times: WordedTimes, {experiment, occurrences}: Facts): string {
  const {onset, recovered, occurrence, subject, metric, toleratedBeforeUndo} = times;
  const planned = occurrences.find(one => one.planned.id === occurrence)?.planned;
  const fault = planned?.step === undefined ? 'the fault' : planned.label;
  const cause = planned?.heal === 'platform' ? 'the fault' : 'the undo';
  const several = experiment.faults.length > 1 || occurrences.length > 1 ? ` (${occurrence})` : '';
  const name = `${subject === undefined ? metric : `${metric} of ${subject}`}${several}`;
  const beyond = `by more than ${allowedWords(times.allowed, unitOf(metric, experiment))}`;
  const away = toleratedBeforeUndo !== undefined || times.tolerated !== null;
  if (onset === null && recovered === null && !away) {
    if (times.unknown !== undefined) return `${name}: nothing is known of its times: ${times.unknown}.`;
    return `${name}: no deviation ${beyond} was proven while ${fault} was in force.`;
  }
  return `${name} ${beganClause(times, {fault, cause, beyond})}${backClause(times, cause)}.`;
}

function failedClause({lost, failed, sent}: Pick<LoadLosses, 'lost' | 'failed' | 'sent'>): string {
  const requests = count(sent, 'request');
  if (failed === 0) return `none of ${requests} failed`;
  if (lost.lower > 0) return `${countWords(lost)} of ${requests} were lost to the fault`;
  const most = Math.round(Math.max(0, lost.upper));
  return `${failed} of ${requests} failed, at most ${most} more than the share that fails in the baseline`;
}

/** What one load lost in one plain sentence; with the name of the occurrence where there are several. */
export function lossesText(losses: Omit<LoadLosses, 'text'>, several: boolean): string {
  const {load, occurrence, lost, notServed} = losses;
  // Failed requests are missing among the good answers as well: only what is more than that is told.
  const short =
    notServed === null || notServed.lower <= Math.max(0, lost.upper)
      ? ''
      : `; ${countWords(notServed)} fewer were answered well than in the same time of the baseline`;
  return `${several ? `${load}, ${occurrence}` : load}: ${failedClause(losses)}${short}.`;
}
