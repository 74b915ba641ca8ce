import type {Instance, Mishap, Surrounding} from '../targets/surroundings.js';
import {eventsOf, type Facts} from './facts.js';
import type {OccurrenceFacts} from './occurrences.js';

type Look = 'before' | 'during' | 'after';

/** What was seen around the targets at one of the looks. */
export function surroundingsAt(facts: Facts, when: Look): readonly Surrounding[] {
  return eventsOf(facts.evidence.events, 'surroundings.seen')
    .filter(look => look.when === when)
    .flatMap(({targets}) => targets);
}

/** A target and all that do the same, at one of the looks; each group once, empty where nobody knows. */
export function groupsAt(facts: Facts, when: Look): readonly (readonly Instance[])[] {
  const groups = surroundingsAt(facts, when).flatMap(({instances}) => (instances === undefined ? [] : [instances]));
  return [...new Map(groups.map(group => [group.map(({name}) => name).join('\n'), group])).values()];
}

/** How long before a request and after an undo what a fault does to its target is still its own, µs. */
const SLACK_US = 2_000_000;

/** Faults that end their target, or start it again. */
const ENDING: ReadonlySet<string> = new Set(['kill', 'stop', 'restart', 'delete', 'process-kill']);

function isOwn({what, object}: Mishap, us: number, {planned, requestedUs, overUs}: OccurrenceFacts): boolean {
  if (!planned.targets.some(ref => ref.object === object) || requestedUs === null) return false;
  // A check that says "not well" of what is faulted says what is so.
  if (what !== 'unhealthy' && !ENDING.has(planned.kind)) return false;
  return us >= requestedUs - SLACK_US && us <= (overUs ?? Infinity) + SLACK_US;
}

export interface PlacedMishap extends Mishap {
  readonly us: number;
  /** It befell something that no fault of the run was on. */
  readonly isNeighbour: boolean;
}

/** What befell targets and neighbours since the first injection, without what the faults themselves do. */
export function mishapsOf(facts: Facts): readonly PlacedMishap[] {
  const {evidence, time, occurrences, startUs, started} = facts;
  const hit = new Set(occurrences.flatMap(({planned}) => planned.targets.map(({object}) => object)));
  const fromUs = Math.min(...occurrences.map(({requestedUs}) => requestedUs ?? Infinity));
  const startMs = Date.parse(started?.at.wall ?? '');
  return eventsOf(evidence.events, 'surroundings.seen')
    .flatMap(({mishaps}) => mishaps)
    .map(mishap => ({
      ...mishap,
      us: startUs + (Date.parse(mishap.at) - startMs) * 1000,
      isNeighbour: !hit.has(mishap.object),
    }))
    .filter(mishap => mishap.us >= fromUs && !occurrences.some(one => isOwn(mishap, mishap.us, one)))
    .map(mishap => ({...mishap, at: time.iso(mishap.us)}));
}
