import {sayUs} from '../time.js';
import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** A time that the file limits took longer: out for, back within, failed over within, undone within. */
export const rule: FindingRule = {
  code: 'time-limit-missed',
  order: 45,
  find: ({timeLimits, facts}) =>
    timeLimits
      .filter(({verdict}) => verdict === 'deviated')
      .map(({name, what, why, limitSeconds, tookSeconds}) => {
        const factor = (tookSeconds?.atLeast ?? 0) / limitSeconds;
        const rated = ratedFixed(
          factor >= 2 ? 'SEV2' : 'SEV3',
          `it took ${factor.toFixed(1)} times what is allowed (SEV2 from 2 times, SEV3 below)`,
        );
        return finding('time-limit-missed', facts, injectedSpan(facts), {
          ...rated,
          subject: name,
          title: `"${name}" took longer than allowed`,
          what: `${name} (${what}): ${why}.`,
          recovery: 'See the recovery of the run.',
          evidence: [
            {label: 'took', value: why},
            {label: 'limit', value: sayUs(limitSeconds * 1e6)},
          ],
          actions: [
            action(
              'mitigate',
              'P1',
              `Find out where the time of "${name}" goes (the timeline has the moments), and shorten it`,
            ),
          ],
        });
      }),
};
