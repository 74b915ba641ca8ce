import type {Facts} from '../facts.js';
import {baselineOf, injectedOf, recoversFromUs, recoveryOf} from '../intervals.js';
import type {Span} from '../judgement/data.js';
import type {OccurrenceFacts} from '../occurrences.js';

/** What the times of one occurrence are looked for in; µs of the base clock. */
export interface TimesWindows {
  readonly occurrence: OccurrenceFacts;
  /** What onset and detection count from: T0, or the request of what happens once and is over when it is proven. */
  readonly zeroUs: number;
  /** When the injection was asked for: what is lost between this and T0 is lost, too. */
  readonly requestedUs: number;
  readonly baseline: Span;
  /** From T0 (of what happens once: from its request) until the undo was asked for. */
  readonly fault: Span;
  /**
   * From the verified undo (or T0, where the platform heals) to the next injection or the end of the watch; undefined
   * when there is none.
   */
  readonly after: Span | undefined;
}

/** When the next fault disturbs what is watched, or the watch ends. */
function watchedUntil(facts: Facts, fromUs: number): number {
  const others = injectedOf(facts).flatMap(({requestedUs}) =>
    requestedUs !== null && requestedUs >= fromUs ? [requestedUs] : [],
  );
  return Math.min(...others, recoveryOf(facts)?.toUs ?? facts.endUs);
}

/** Whether another fault is in force when this one has ended: then nothing can be said about its recovery. */
function isCovered(facts: Facts, occurrence: OccurrenceFacts, fromUs: number): boolean {
  return injectedOf(facts).some(
    other =>
      other !== occurrence &&
      (other.requestedUs ?? Infinity) < fromUs &&
      (other.overUs ?? facts.endUs) > fromUs &&
      other.segments.some(segment => segment.toUs > fromUs),
  );
}

function afterOf(facts: Facts, occurrence: OccurrenceFacts): Span | undefined {
  const fromUs = recoversFromUs(occurrence);
  if (fromUs === null || isCovered(facts, occurrence, fromUs)) return undefined;
  const toUs = watchedUntil(facts, fromUs);
  return toUs > fromUs ? {fromUs, toUs} : undefined;
}

/**
 * The windows of every occurrence that was in force; none without a baseline. The blocks of a switchback are compared
 * with each other, all together: only the last one has a recovery of its own.
 */
export function timesWindows(facts: Facts): readonly TimesWindows[] {
  const baseline = baselineOf(facts);
  if (baseline === undefined) return [];
  const occurrences = injectedOf(facts);
  return (facts.experiment.switchback === undefined ? occurrences : occurrences.slice(-1)).flatMap(occurrence => {
    const first = occurrence.segments[0];
    const last = occurrence.segments.at(-1);
    if (first === undefined || last === undefined) return [];
    const fault = {fromUs: first.fromUs, toUs: last.toUs};
    const zeroUs = first.fromUs;
    const requestedUs = Math.min(zeroUs, occurrence.requestedUs ?? zeroUs);
    return [{occurrence, zeroUs, requestedUs, baseline, fault, after: afterOf(facts, occurrence)}];
  });
}
