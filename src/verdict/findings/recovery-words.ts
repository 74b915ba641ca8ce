import {alreadyBackSentence} from '../outside-windows/already-back.js';
import {say} from '../time.js';
import {recoveryCause} from '../intervals.js';
import type {Finding} from '../result.js';
import {recoveryWords} from '../times/words.js';
import type {FindingContext} from './rule.js';
import type {CameBack} from './severity.js';

/** Whether the steady state came back within what the file allows. */
export function cameBackInTime({recovery}: FindingContext): CameBack {
  const {state, tookSeconds, withinSeconds} = recovery;
  if (state === 'not-recovered') return 'no';
  if (state !== 'recovered') return 'unknown';
  return tookSeconds === null || withinSeconds <= 0 || tookSeconds[0] <= withinSeconds ? 'yes' : 'no';
}

/** How the system came back, in one sentence. */
export function recoverySentence({recovery, facts}: FindingContext): string {
  const {state, tookSeconds, withinSeconds, already} = recovery;
  if (already !== undefined) return alreadyBackSentence(already);
  const allowed = withinSeconds > 0 ? ` (allowed: ${say(withinSeconds)})` : '';
  const from = recoveryCause(facts);
  if (state === 'recovered' && tookSeconds !== null) {
    return `All metrics were back and stable ${say(tookSeconds[0])} to ${say(tookSeconds[1])} after ${from}${allowed}.`;
  }
  if (state === 'recovered') return `All metrics were back and stable after ${from}.`;
  if (state === 'not-recovered') return `The steady state was not back by the end of the recovery${allowed}.`;
  if (state === 'unknown') return 'It is not known whether the steady state came back.';
  return 'The recovery was not watched.';
}

/** When each metric that deviated was back, as intervals. */
export function backEvidence({times}: FindingContext): Finding['evidence'] {
  return times.metrics.flatMap(({metric, occurrence, recovered}) =>
    recovered === null ? [] : [{label: `${metric} back after ${occurrence}`, value: recoveryWords(recovered)}],
  );
}
