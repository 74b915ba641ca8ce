import type {MetricSpec} from '../experiment/experiment.js';
import type {Span} from './judgement/data.js';
import {SECOND_US} from '../quantities/duration.js';
import {settledWindow} from './judgement/window.js';
import type {OccurrenceFacts} from './occurrences.js';

/** Time in force too short to say anything about: between a loss and a re-application, before an early stop. */
const MIN_SEGMENT_US = 1_000_000;

/** The times in which an occurrence was in force that are judged: those long enough, or all when none is. */
export function judgedSegments({segments}: OccurrenceFacts): readonly Span[] {
  const long = segments.filter(segment => segment.toUs - segment.fromUs >= MIN_SEGMENT_US);
  return long.length > 0 ? long : segments;
}

/** What is judged of a segment: `settlesWithin` counts from T0, also where the segment begins before it. */
export function faultWindow(metric: MetricSpec, segment: Span, {confirmedUs}: OccurrenceFacts): Span {
  const settles = (metric.tolerance?.settlesWithinMs ?? 0) > 0;
  return settles ? settledWindow(metric, {...segment, fromUs: Math.max(segment.fromUs, confirmedUs ?? 0)}) : segment;
}

/** What `settlesWithin` leaves out of a segment, from its beginning; undefined where it leaves out nothing. */
export function settlingWindow(metric: MetricSpec, segment: Span, occurrence: OccurrenceFacts): Span | undefined {
  const judged = faultWindow(metric, segment, occurrence);
  return judged.fromUs > segment.fromUs ? {fromUs: segment.fromUs, toUs: judged.fromUs} : undefined;
}

/**
 * Loads are on record by the second: the one in which something happened once belongs to it, or a short outage would be
 * in no window.
 */
export function withItsFirstSecond(metric: MetricSpec, span: Span, {planned, requestedUs}: OccurrenceFacts): Span {
  const first = metric.source === 'load' && planned.nature === 'event' && span.fromUs === requestedUs;
  return first ? {...span, fromUs: span.fromUs - SECOND_US + 1} : span;
}
