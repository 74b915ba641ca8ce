import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** A check that compares the world before and after does not hold: often lost or doubled data. */
export const rule: FindingRule = {
  code: 'check-failed',
  order: 60,
  find: ({checks, facts}) =>
    checks
      .filter(check => check.verdict === 'deviated')
      .map(check =>
        finding('check-failed', facts, injectedSpan(facts), {
          ...ratedFixed('SEV2', 'a check of the file did not hold, which often means lost or doubled data'),
          subject: check.name,
          title: `Check "${check.name}" did not hold`,
          what: `${check.name}: ${check.why} (before ${check.before ?? 'unknown'}, after ${check.after ?? 'unknown'}).`,
          impact: 'What the check protects is not as it has to be after the run.',
          recovery: 'Not recovered by the end of the run.',
          evidence: [
            {label: 'before', value: String(check.before)},
            {label: 'after', value: String(check.after)},
            {label: 'expected', value: check.expected},
          ],
          actions: [
            action(
              'prevent',
              'P1',
              `Find out where "${check.name}" went wrong under the fault (the record has the times), and repair what it shows`,
            ),
          ],
        }),
      ),
};
