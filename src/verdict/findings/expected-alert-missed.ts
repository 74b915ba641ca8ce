import type {ActionItem, AlertResult} from '../result.js';
import type {RoutingMiss} from '../alerts/routed.js';
import {expectedOfAlert} from '../alerts/words.js';
import {say} from '../time.js';
import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

type Reason = 'late' | 'never-fired' | 'pending-only' | 'no-rule' | 'rule-unhealthy' | Exclude<RoutingMiss, 'unread'>;

/** What an alert did instead of firing in time, to follow its name. */
const TITLES: Readonly<Record<Reason, string>> = {
  late: 'fired late',
  'never-fired': 'did not fire',
  'pending-only': 'was pending and did not fire',
  'no-rule': 'has no rule, so it could not fire',
  'rule-unhealthy': 'could not fire: its rule cannot be evaluated',
  silenced: 'fired, and a silence hid it',
  inhibited: 'fired, and another alert inhibited it',
  muted: 'fired, and a mute time hid it',
  'not-routed': 'fired, and the Alertmanager did not get it',
  'wrong-receiver': 'fired, and went to another receiver',
};

const isMiss = (outcome: AlertResult['outcome']): outcome is Reason => Object.hasOwn(TITLES, outcome);

/** The first thing to do about an alert that fired and did not reach whom it is for. */
function routeWords(miss: Exclude<RoutingMiss, 'unread'>, {alert, from, receiver}: AlertResult): string {
  const to = receiver ?? 'whoever is on call';
  return {
    silenced: `End the silence that hides ${alert}, or narrow its matchers, so that ${to} hears of this`,
    inhibited: `Look which alert inhibits ${alert}, and whether that one tells ${to} of this`,
    muted: `Look whether ${alert} may be muted at this time of day`,
    'not-routed': `Look under \`alerting\` in the configuration of ${from}: its Alertmanager did not get ${alert}`,
    'wrong-receiver': `Change the route of ${alert} (or its labels) so that it leads to ${to}`,
  }[miss];
}

/** The first thing to do about it. */
function firstAction(reason: Reason, result: AlertResult): ActionItem {
  const {alert, from, rule} = result;
  const waits = say(rule?.forSeconds ?? 0);
  const every = say(rule?.everySeconds ?? 0);
  switch (reason) {
    case 'late':
      return action(
        'detect',
        'P2',
        `Shorten what ${alert} waits for: \`for\` is ${waits}, its group is evaluated every ${every}, and a window in its query adds to both`,
      );
    case 'never-fired':
      return action(
        'detect',
        'P1',
        `Compare the query of ${alert} with what this run measured, and set its threshold so that it sees this`,
      );
    case 'pending-only':
      return action(
        'detect',
        'P1',
        `Shorten the \`for\` of ${alert} (${waits}), or accept that it does not tell of what is shorter than that`,
      );
    case 'no-rule':
      return action(
        'detect',
        'P1',
        `Add the rule ${alert} to ${from}, or write the name (and labels) in the file as the rule has them`,
      );
    case 'rule-unhealthy':
      return action(
        'detect',
        'P1',
        `Repair the rule ${alert} on ${from}: while it cannot be evaluated nobody is told of anything`,
      );
    default:
      return action('detect', 'P1', routeWords(reason, result));
  }
}

/** An alert that had to fire did not, or too late: whoever is on call does not hear of it. */
export const rule: FindingRule = {
  code: 'expected-alert-missed',
  order: 30,
  find: ({alerts, facts}) =>
    alerts.flatMap(result => {
      const {alert, role, outcome, why, rule: known, firedSeconds} = result;
      if (role !== 'expected' || result.verdict !== 'deviated' || !isMiss(outcome)) return [];
      const rated =
        outcome === 'late'
          ? ratedFixed('SEV3', 'an alert that was expected fired later than allowed')
          : ratedFixed('SEV2', 'an alert that was expected did not reach whom it is for: nobody is told');
      return [
        finding('expected-alert-missed', facts, injectedSpan(facts), {
          ...rated,
          subject: alert,
          title: `Alert ${alert} ${TITLES[outcome]}`,
          what: `Alert ${alert}: ${why}.`,
          impact:
            outcome === 'late'
              ? 'Whoever is on call hears of it later than agreed.'
              : 'Whoever is on call does not hear of it.',
          detection: 'Found by asking Prometheus for its rules while the fault was in force.',
          recovery: 'Nothing had to recover.',
          evidence: [
            {label: 'expected', value: expectedOfAlert(result)},
            {label: 'reason', value: outcome},
            ...(firedSeconds === null
              ? []
              : [{label: 'fired after', value: say(firedSeconds.atMost ?? firedSeconds.atLeast)}]),
            ...(known === null
              ? []
              : [
                  {label: 'for', value: say(known.forSeconds)},
                  {label: 'evaluated every', value: say(known.everySeconds)},
                ]),
          ],
          actions: [firstAction(outcome, result)],
        }),
      ];
    }),
};
