import type {Facts} from '../facts.js';
import {injectedOf, recoveryOf} from '../intervals.js';
import {say} from '../time.js';
import {recoveryWords} from '../times/words.js';
import {backEvidence, cameBackInTime, recoverySentence} from './recovery-words.js';
import {action, finding, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** Below this nothing can be said with looks a second apart. */
const NOTABLE_SECONDS = 3;
const NOTABLE_SHARE = 0.5;

/** What was away after its cause was gone, and for how long at least. */
interface Outlived {
  readonly what: string;
  readonly after: number;
  readonly took: string;
  readonly metric: string | null;
}

/** The whole steady state, as it was decided, and every metric against its baseline: the one that was away longest. */
function longestAway({recovery, times, facts}: FindingContext): Outlived | undefined {
  const {state, tookSeconds} = recovery;
  const lasting = new Set(injectedOf(facts).flatMap(({planned}) => (planned.nature === 'state' ? [planned.id] : [])));
  const steadyState =
    state !== 'recovered' || tookSeconds === null
      ? []
      : [
          {
            what: 'the system stayed outside its steady state',
            after: tookSeconds[0],
            took: `${say(tookSeconds[0])} to ${say(tookSeconds[1])}`,
            metric: null,
          },
        ];
  const metrics = times.metrics.flatMap(({metric, occurrence, recovered}) =>
    recovered === null || !lasting.has(occurrence)
      ? []
      : [
          {
            what: `${metric} stayed away from its baseline`,
            after: recovered.atLeast,
            took: recoveryWords(recovered),
            metric,
          },
        ],
  );
  return [...steadyState, ...metrics].sort((a, b) => b.after - a.after)[0];
}

/** How long faults that last were in force, seconds. */
function heldFor(facts: Facts): number {
  const held = injectedOf(facts)
    .filter(({planned}) => planned.nature === 'state')
    .flatMap(({segments}) => segments);
  return held.reduce((sum, segment) => sum + (segment.toUs - segment.fromUs) / 1e6, 0);
}

/**
 * The effect lasted clearly longer than its cause, although it came back within what the file allows: by the lower end
 * of the interval, so for sure.
 */
export const rule: FindingRule = {
  code: 'degradation-outlives-fault',
  order: 100,
  find: context => {
    const {facts} = context;
    const span = recoveryOf(facts);
    const away = longestAway(context);
    // What came back too late, or not, has a finding of its own.
    if (away === undefined || span === undefined || cameBackInTime(context) === 'no') return [];
    const {what, after, took, metric} = away;
    const held = heldFor(facts);
    if (held === 0 || after < NOTABLE_SECONDS || after < held * NOTABLE_SHARE) return [];
    const formula = `the effect lasted at least ${say(after)} beyond a fault of ${say(held)} (SEV3 when longer than the fault itself, SEV4 below)`;
    return [
      finding('degradation-outlives-fault', facts, span, {
        ...ratedFixed(after > held ? 'SEV3' : 'SEV4', formula),
        subject: '',
        title: 'The degradation outlived the fault',
        what: `The fault was in force for ${say(held)}; ${what} for at least another ${say(after)} after the undo was verified.`,
        impact: `At least ${say(after)} of degradation without a cause in place.`,
        recovery: recoverySentence(context),
        factors: ['Retries, queues or expired connections may keep the load up after the cause is gone.'],
        actions: [
          action(
            'prevent',
            'P2',
            'Look at retries and queues between the caller and the target: bound them, and let old work expire',
          ),
        ],
        evidence: [
          {label: 'in force', value: say(held)},
          {label: 'back after', value: took},
          ...backEvidence(context).filter(({value}) => value !== took),
        ],
        metric,
      }),
    ];
  },
};
