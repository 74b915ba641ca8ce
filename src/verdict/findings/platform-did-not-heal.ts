import {healedByPlatform} from '../occurrence-results.js';
import {list} from '../phrase.js';
import {action, finding, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** A restart policy or controller was expected to bring the target back, and did not before the end. */
export const rule: FindingRule = {
  code: 'platform-did-not-heal',
  order: 50,
  find: ({facts}) =>
    facts.end.kind !== 'done'
      ? []
      : facts.occurrences
          .filter(occurrence => healedByPlatform(occurrence) === false)
          .map(({planned, confirmedUs, settledUs, debts}) => {
            const names = list(planned.targets.map(target => target.name));
            return finding(
              'platform-did-not-heal',
              facts,
              {fromUs: confirmedUs ?? facts.startUs, toUs: settledUs},
              {
                ...ratedFixed('SEV1', 'the platform was expected to bring the target back and did not'),
                subject: planned.fault,
                title: `The platform did not bring ${names} back`,
                what: `${names} ${planned.targets.length > 1 ? 'were' : 'was'} not restored by the restart policy or controller before the recovery ended; Firedrill restored ${planned.targets.length > 1 ? 'them' : 'it'}.`,
                impact: `${names} stayed down from the fault until Firedrill's own undo.`,
                recovery: 'By Firedrill, at the end of the recovery.',
                evidence: debts.map(debt => ({label: debt.undo.ref.name, value: 'was not back when its undo was due'})),
                factors: [
                  'The restart policy may not apply to this way of ending, or its backoff may be longer than the recovery.',
                ],
                actions: [
                  action(
                    'prevent',
                    'P1',
                    `Set a restart policy (or controller) for ${names} that covers this way of ending, and check its backoff`,
                  ),
                ],
              },
            );
          }),
};
