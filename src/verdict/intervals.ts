import type {Facts} from './facts.js';
import type {Span} from './judgement/data.js';
import type {OccurrenceFacts} from './occurrences.js';
import type {Interval} from './result.js';

/** The baseline on the base clock; undefined when the run did not get there. */
export function baselineOf({phases}: Facts): Span | undefined {
  const phase = phases.find(entered => entered.phase === 'baseline');
  return phase === undefined ? undefined : (phase.past ?? {fromUs: phase.fromUs, toUs: phase.toUs});
}

/** The occurrences that were confirmed in force. */
export function injectedOf(facts: Facts): readonly OccurrenceFacts[] {
  return facts.occurrences.filter(occurrence => occurrence.confirmedUs !== null);
}

/**
 * From when on an injection has a recovery: from its verified undo (what has none: the end of its time), or from T0
 * where the platform has to heal.
 */
export function recoversFromUs({planned, confirmedUs, overUs}: OccurrenceFacts): number | null {
  return planned.heal === 'platform' ? confirmedUs : overUs;
}

/**
 * From when on the recovery of the run counts: the last of its injections. Null when it never began. Live and
 * afterwards.
 */
export function recoveryStartUs(facts: Facts): number | null {
  const starts = injectedOf(facts).map(recoversFromUs);
  const known = starts.filter(start => start !== null);
  return known.length === 0 || known.length < starts.length ? null : Math.max(...known);
}

/**
 * What the recovery counts from, as the last occurrence had it: its undo, the fault itself where the platform heals, or
 * the end of what has no undo.
 */
export function recoveryOrigin(facts: Facts): 'undo' | 'fault' | 'end' {
  const fromUs = recoveryStartUs(facts);
  const last = injectedOf(facts).find(occurrence => recoversFromUs(occurrence) === fromUs);
  if (last?.planned.heal === 'platform') return 'fault';
  return last?.debts.length === 0 ? 'end' : 'undo';
}

const ORIGINS = {undo: 'the undo', fault: 'the fault', end: 'the end of the fault'} as const;

/** The same in words. */
export function recoveryCause(facts: Facts): string {
  return ORIGINS[recoveryOrigin(facts)];
}

/** The time in which nothing is injected and the steady state is watched coming back. */
export function recoveryOf(facts: Facts): Span | undefined {
  const phase = facts.phases.find(entered => entered.phase === 'recovery');
  const startUs = recoveryStartUs(facts);
  if (phase === undefined || startUs === null) return undefined;
  const lastHeldUs = Math.max(0, ...injectedOf(facts).flatMap(({segments}) => segments.map(segment => segment.toUs)));
  const fromUs = Math.max(startUs, lastHeldUs);
  return phase.toUs > fromUs ? {fromUs, toUs: phase.toUs} : undefined;
}

function transitionsOf({
  planned,
  requestedUs,
  confirmedUs,
  undoRequestedUs,
  settledUs,
}: OccurrenceFacts): readonly Span[] {
  // Of what happens once, this time is its effect (see OccurrenceFacts.segments).
  const injecting =
    requestedUs === null || (planned.nature === 'event' && confirmedUs !== null)
      ? []
      : [{fromUs: requestedUs, toUs: confirmedUs ?? undoRequestedUs ?? settledUs ?? requestedUs}];
  // Where the platform heals, the late undo finds nothing to do and moves nothing.
  const undoing =
    undoRequestedUs === null || settledUs === null || planned.heal === 'platform'
      ? []
      : [{fromUs: undoRequestedUs, toUs: settledUs}];
  return [...injecting, ...undoing].filter(span => span.toUs > span.fromUs);
}

/**
 * The intervals of a run, in seconds since its start and ordered by it. Those of overlapping occurrences overlap: each
 * occurrence is judged over its own. A transition (asked for but not yet verified) belongs to no judged interval.
 */
export function intervalsOf(facts: Facts): readonly Interval[] {
  const {time} = facts;
  const interval = (kind: Interval['kind'], span: Span | undefined, occurrences: readonly string[] = []): Interval[] =>
    span === undefined || span.toUs <= span.fromUs
      ? []
      : [{kind, from: time.seconds(span.fromUs), to: time.seconds(span.toUs), occurrences}];
  const warmup = facts.phases.find(entered => entered.phase === 'warmup');
  const all = [
    ...interval('warmup', warmup),
    ...interval('baseline', baselineOf(facts)),
    ...facts.occurrences.flatMap(occurrence => [
      ...transitionsOf(occurrence).flatMap(span => interval('transition', span, [occurrence.planned.id])),
      ...occurrence.segments.flatMap(span => interval('on', span, [occurrence.planned.id])),
    ]),
    ...interval('recovery', recoveryOf(facts)),
  ];
  return all.sort((a, b) => a.from - b.from || a.to - b.to);
}
