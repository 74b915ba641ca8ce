import {expectedOfAlert} from '../alerts/words.js';
import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** An alert that fired went on after the fault for longer than allowed, or did not end. */
export const rule: FindingRule = {
  code: 'alert-not-resolved',
  order: 70,
  find: ({alerts, facts}) =>
    alerts
      .filter(({resolution}) => resolution === 'late' || resolution === 'never')
      .map(result =>
        finding('alert-not-resolved', facts, injectedSpan(facts), {
          ...ratedFixed('SEV3', 'an alert that goes on after its cause is over teaches people not to trust it'),
          subject: result.alert,
          title: `Alert ${result.alert} ${result.resolution === 'never' ? 'did not resolve' : 'resolved late'}`,
          what: `Alert ${result.alert}: ${result.why}.`,
          impact: 'Whoever is on call looks for something that is over, and may miss the next one behind it.',
          detection: 'Found by asking Prometheus for its rules after the fault.',
          evidence: [{label: 'expected', value: expectedOfAlert(result)}],
          actions: [
            action(
              'process',
              'P2',
              `Shorten the window in the query of ${result.alert} (or its \`keep_firing_for\`) until it ends soon after its cause`,
            ),
          ],
        }),
      ),
};
