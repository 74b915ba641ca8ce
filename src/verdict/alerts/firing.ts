import type {OccurrenceFacts} from '../occurrences.js';
import type {AlertResult} from '../result.js';
import {isBlindIn, seenIn, type SeenAlert} from './history.js';

/** How an alert fired after an injection, or why it did not. */
export interface Firing {
  readonly outcome:
    | 'in-time'
    | 'late'
    | 'too-coarse'
    | 'never-fired'
    | 'pending-only'
    | 'no-rule'
    | 'rule-unhealthy'
    | 'already-firing'
    | 'unread';
  /** From when on it was seen firing; absent where it was not. */
  readonly since?: SeenAlert;
  readonly pendingSeconds: AlertResult['pendingSeconds'];
  readonly firedSeconds: AlertResult['firedSeconds'];
  /** Why its rule could not be evaluated. */
  readonly error?: string;
}

/** From T0 until something was seen to begin, s: between the look before it and the look that showed it. */
function tookSeconds(t0Us: number, seen: SeenAlert | undefined): AlertResult['firedSeconds'] {
  if (seen === undefined) return null;
  const seconds = (us: number) => Math.max(0, Math.round((us - t0Us) / 1000) / 1000);
  return {atLeast: seconds(seen.afterUs), atMost: seconds(seen.atUs)};
}

/** The most telling reason for not having fired, of those that were seen until the limit. */
function missOf(seen: readonly SeenAlert[]): Pick<Firing, 'outcome' | 'error'> {
  const broken = seen.findLast(({rule}) => rule?.error !== undefined);
  if (broken?.rule?.error !== undefined) return {outcome: 'rule-unhealthy', error: broken.rule.error};
  if (seen.some(({state}) => state === 'pending')) return {outcome: 'pending-only'};
  return {outcome: seen.every(({state}) => state === 'none') ? 'no-rule' : 'never-fired'};
}

/**
 * Whether an alert fired within its limit after an injection. What began between request and proof of the injection
 * fired at once. A time in which the source could not be read is never a miss.
 */
export function firingOf(history: readonly SeenAlert[], because: OccurrenceFacts, withinMs: number): Firing {
  const {requestedUs, confirmedUs} = because;
  const t0Us = confirmedUs ?? requestedUs ?? 0;
  const fromUs = requestedUs ?? t0Us;
  const toUs = t0Us + withinMs * 1000;
  const since = history.find(({state, untilUs}) => state === 'firing' && untilUs >= fromUs);
  // What was true before the injection is no sign of it.
  const pending = history.find(({state, atUs}) => (state === 'pending' || state === 'firing') && atUs > fromUs);
  const times = {pendingSeconds: tookSeconds(t0Us, pending), firedSeconds: tookSeconds(t0Us, since)};
  if (since !== undefined && since.atUs <= fromUs) return {...times, outcome: 'already-firing', since};
  if (since !== undefined && since.atUs <= toUs) return {...times, outcome: 'in-time', since};
  if (since !== undefined && since.afterUs <= toUs) return {...times, outcome: 'too-coarse', since};
  if (isBlindIn(history, {fromUs, toUs})) return {...times, outcome: 'unread', ...(since === undefined ? {} : {since})};
  if (since !== undefined) return {...times, outcome: 'late', since};
  return {...times, ...missOf(seenIn(history, {fromUs, toUs}))};
}
