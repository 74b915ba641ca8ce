import type {ExpectedAlertSpec} from '../../signals/alerts/spec.js';
import type {Facts} from '../facts.js';
import {recoveryStartUs} from '../intervals.js';
import type {AlertResult, Verdict} from '../result.js';
import {say} from '../time.js';
import {recoveryWords} from '../times/words.js';
import type {SeenAlert} from './history.js';

/** Whether an alert that fired was over in time. */
export interface Resolution {
  readonly told: Partial<Pick<AlertResult, 'resolution' | 'resolvedSeconds'>>;
  readonly verdict: Verdict;
  /** To end a sentence with; empty where nothing is known or asked. */
  readonly words: string;
}

const seconds = (us: number) => Math.max(0, Math.round(us / 1000) / 1000);

/** From the end of the last injection until it was seen not to fire any more, after it had fired for the last time. */
function resolvedSeconds(history: readonly SeenAlert[], endUs: number): AlertResult['resolvedSeconds'] {
  const place = history.findLastIndex(({state}) => state === 'firing');
  const last = history[place];
  if (last === undefined) return null;
  const over = history[place + 1];
  if (over === undefined) return {atLeast: seconds(last.untilUs - endUs), atMost: null};
  // Between them there may be a time in which nothing was read: `afterUs` is the last look that showed it firing.
  return {atLeast: seconds(over.afterUs - endUs), atMost: seconds(over.atUs - endUs)};
}

/** Whether it was over within its limit after the end of the last injection. */
export function resolutionOf(
  facts: Facts,
  {resolvesWithinMs}: ExpectedAlertSpec,
  history: readonly SeenAlert[],
): Resolution {
  const endUs = recoveryStartUs(facts);
  const took = endUs === null ? null : resolvedSeconds(history, endUs);
  const asked = resolvesWithinMs !== undefined;
  if (took === null) {
    const told = {resolvedSeconds: null, ...(asked ? {resolution: 'unread' as const} : {})};
    return {told, verdict: asked ? 'inconclusive' : 'held', words: asked ? '; whether it resolved is not known' : ''};
  }
  const resolved =
    took.atMost === null
      ? `it still fired ${say(took.atLeast)} after the end of the fault`
      : `it resolved ${recoveryWords(took)} after the end of the fault`;
  if (!asked) return {told: {resolvedSeconds: took}, verdict: 'held', words: `; ${resolved}`};
  const {resolution, verdict} = judged(took, resolvesWithinMs / 1000);
  const told = {resolvedSeconds: took, resolution};
  return {told, verdict, words: `; ${resolved} (allowed: ${say(resolvesWithinMs / 1000)})`};
}

function judged(
  {atLeast, atMost}: NonNullable<AlertResult['resolvedSeconds']>,
  limit: number,
): {readonly resolution: NonNullable<AlertResult['resolution']>; readonly verdict: Verdict} {
  if (atMost !== null && atMost <= limit) return {resolution: 'in-time', verdict: 'held'};
  if (atLeast >= limit) return {resolution: atMost === null ? 'never' : 'late', verdict: 'deviated'};
  return {resolution: atMost === null ? 'unread' : 'too-coarse', verdict: 'inconclusive'};
}
