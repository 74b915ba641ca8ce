import {injectedOf, recoveryOf} from '../intervals.js';
import {say} from '../time.js';
import {action, finding, type FindingRule} from './rule.js';
import {cameBackInTime, recoverySentence} from './recovery-words.js';
import {ratedFixed} from './severity.js';

/** Below this nothing can be said with looks a second apart. */
const NOTABLE_SECONDS = 3;
const NOTABLE_SHARE = 0.5;

/** The effect lasted clearly longer than its cause, although it came back within what the file allows. */
export const rule: FindingRule = {
  code: 'degradation-outlives-fault',
  find: context => {
    const {facts, recovery} = context;
    const {tookSeconds} = recovery;
    const span = recoveryOf(facts);
    if (
      recovery.state !== 'recovered' ||
      tookSeconds === null ||
      span === undefined ||
      cameBackInTime(context) !== 'yes'
    )
      return [];
    const held = injectedOf(facts)
      .filter(({planned}) => planned.nature === 'state')
      .flatMap(({segments}) => segments);
    const heldSeconds = held.reduce((sum, segment) => sum + (segment.toUs - segment.fromUs) / 1e6, 0);
    const after = tookSeconds[0];
    if (heldSeconds === 0 || after < NOTABLE_SECONDS || after < heldSeconds * NOTABLE_SHARE) return [];
    const formula = `the effect lasted ${say(after)} beyond a fault of ${say(heldSeconds)} (SEV3 when longer than the fault itself, SEV4 below)`;
    return [
      finding('degradation-outlives-fault', facts, span, {
        ...ratedFixed(after > heldSeconds ? 'SEV3' : 'SEV4', formula),
        title: 'The degradation outlived the fault',
        what: `The fault was in force for ${say(heldSeconds)}; the system stayed outside its steady state for another ${say(after)} after the undo was verified.`,
        impact: `${say(after)} of degradation without a cause in place.`,
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
          {label: 'in force', value: say(heldSeconds)},
          {label: 'back after', value: `${say(tookSeconds[0])} to ${say(tookSeconds[1])}`},
        ],
      }),
    ];
  },
};
