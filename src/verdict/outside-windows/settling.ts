import type {MetricSpec} from '../../experiment/experiment.js';
import type {Facts} from '../facts.js';
import {judgedSegments, settlingWindow} from '../fault-windows.js';
import {injectedOf} from '../intervals.js';
import type {Span} from '../judgement/data.js';
import {SECOND_US} from '../../quantities/duration.js';
import type {OccurrenceFacts} from '../occurrences.js';
import {outOfTolerance, type OutOfTolerance} from '../out-of-tolerance.js';
import {causeOf, quantity} from '../phrase.js';
import type {MetricInterval, SettlingResult} from '../result.js';
import {say} from '../time.js';

/**
 * Whole seconds of a load that begin in the time to settle belong to it: the judged window begins with the next one.
 */
function lookedAt(metric: MetricSpec, {fromUs, toUs}: Span): Span {
  return metric.source === 'load' ? {fromUs, toUs: toUs + SECOND_US - 1} : {fromUs, toUs};
}

/** For how long it was out, µs: a period for each look, but no more than lies between the first and the last one. */
function outUs(metric: MetricSpec, {firstUs, lastUs, totalUs}: OutOfTolerance): number {
  if (firstUs === null || lastUs === null) return 0;
  const lookUs = metric.source === 'load' ? 0 : metric.everyMs * 1000;
  return Math.min(totalUs, lastUs - firstUs + lookUs);
}

/**
 * What a metric did in the time that `settlesWithin` leaves out of the judgement; undefined where it was not outside in
 * it.
 */
export function settlingOf(
  metric: MetricSpec,
  facts: Facts,
  {occurrence, segment}: {occurrence: OccurrenceFacts; segment: Span},
): SettlingResult | undefined {
  const window = settlingWindow(metric, segment, occurrence);
  if (window === undefined || metric.tolerance === undefined) return undefined;
  const out = outOfTolerance(metric, facts, lookedAt(metric, window));
  if (out.lastUs === null || out.worst === null) return undefined;
  const {time} = facts;
  const rounded = (us: number) => Math.round(us / 1000) / 1000;
  return {
    from: time.seconds(window.fromUs),
    to: time.seconds(window.toUs),
    allowedSeconds: metric.tolerance.settlesWithinMs / 1000,
    outSeconds: rounded(outUs(metric, out)),
    lastSeconds: rounded(out.lastUs - window.fromUs),
    worst: out.worst,
  };
}

/** For how long a metric was out in all of its times to settle, µs. */
export function settlingUs(facts: Facts, name: string): number {
  const metric = facts.experiment.steadyState.find(candidate => candidate.name === name);
  if (metric === undefined) return 0;
  const spans = injectedOf(facts).flatMap(occurrence =>
    judgedSegments(occurrence).flatMap(segment => settlingWindow(metric, segment, occurrence) ?? []),
  );
  return spans.reduce((sum, span) => sum + outOfTolerance(metric, facts, lookedAt(metric, span)).totalUs, 0);
}

/** Looks that are this much further apart than it was out in all are no single outage, s. */
const SCATTERED_SECONDS = 2;

/** `out for 4.4s after the kill (15s allowed, 100% at worst)`. */
export function settlingWords(
  {outSeconds, lastSeconds, allowedSeconds, worst}: SettlingResult,
  metric: Pick<MetricSpec, 'unit'>,
  occurrence: OccurrenceFacts | undefined,
): string {
  const after = occurrence === undefined ? 'the fault began' : causeOf(occurrence);
  const scattered = lastSeconds > outSeconds + SCATTERED_SECONDS;
  const when = scattered ? ` in all, at the latest ${say(lastSeconds)}` : '';
  return `out for ${say(outSeconds)}${when} after ${after} (${say(allowedSeconds)} allowed, ${quantity(worst, metric.unit)} at worst)`;
}

/**
 * What `settlesWithin` left out of the judgement of these intervals, the longest outage first; undefined where nothing
 * was out.
 */
export function worstSettling(
  intervals: readonly MetricInterval[],
): (MetricInterval & {settling: SettlingResult}) | undefined {
  const settling = intervals.flatMap(interval =>
    interval.settling === undefined ? [] : [{...interval, settling: interval.settling}],
  );
  return settling.sort((a, b) => b.settling.outSeconds - a.settling.outSeconds)[0];
}
