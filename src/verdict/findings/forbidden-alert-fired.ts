import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** An alert fired that points at something else than what was broken, or that must not be reached at all. */
export const rule: FindingRule = {
  code: 'forbidden-alert-fired',
  order: 50,
  find: ({alerts, facts}) =>
    alerts
      .filter(({role, verdict}) => role === 'forbidden' && verdict === 'deviated')
      .map(({alert, why}) =>
        finding('forbidden-alert-fired', facts, injectedSpan(facts), {
          ...ratedFixed('SEV2', 'an alert fired that the file forbids'),
          subject: alert,
          title: `Alert ${alert} fired, which it must not`,
          what: `Alert ${alert}: ${why}, and the file forbids it.`,
          impact: 'Whoever is on call is led to the wrong place, or what the alert stands for really happened.',
          detection: 'Found by asking Prometheus for its rules from the injection on.',
          actions: [
            action(
              'process',
              'P1',
              `Find out whether what ${alert} stands for really happened (then the fault reaches further than meant), or make its query tell the two apart`,
            ),
          ],
        }),
      ),
};
