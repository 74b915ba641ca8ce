import type {Event} from '../../record/events.js';
import {alertName, type AlertSelector, type ExpectedAlertSpec, type ReadAlert} from '../../signals/alerts/spec.js';
import {causeOf} from '../phrase.js';
import type {OccurrenceFacts} from '../occurrences.js';
import type {AlertResult, TimelineRow} from '../result.js';
import {say} from '../time.js';
import {recoveryWords} from '../times/words.js';
import type {Firing} from './firing.js';

type Took = NonNullable<AlertResult['firedSeconds']>;

/** `12s to 13s after the fault came into force`. */
function afterWords(took: Took, because: OccurrenceFacts | undefined): string {
  return `${recoveryWords(took)} after ${because === undefined ? 'the injection' : causeOf(because)}`;
}

/** How long the rule waits, where it does. */
function waitsWords(rule: AlertResult['rule']): string {
  if (rule === null || rule.forSeconds === 0) return '';
  return `: its rule waits until the condition has been true for ${say(rule.forSeconds)} (\`for\`)`;
}

/** How an alert fired, or the reason why it did not: a clause about it. */
export function firingWords(
  {outcome, firedSeconds, pendingSeconds, error}: Firing,
  {spec, rule, because}: {spec: ExpectedAlertSpec; rule: AlertResult['rule']; because: OccurrenceFacts | undefined},
): string {
  const allowed = say(spec.withinMs / 1000);
  const fired = firedSeconds === null ? 'it fired' : `it fired ${afterWords(firedSeconds, because)}`;
  const pending = pendingSeconds === null ? '' : ` ${afterWords(pendingSeconds, because)}`;
  const labels = Object.keys(spec.labels).length === 0 ? '' : ' and these labels';
  const words: Readonly<Record<Firing['outcome'], string>> = {
    'in-time': `${fired} (allowed: ${allowed})`,
    late: `${fired}, later than the ${allowed} that are allowed`,
    'too-coarse': `${fired}: too coarse to tell whether it was within ${allowed}`,
    'no-rule': `no alerting rule of \`${spec.from}\` has this name${labels}`,
    'rule-unhealthy': `its rule could not be evaluated: ${error ?? 'no reason was given'}`,
    'pending-only': `it became pending${pending} and did not fire within ${allowed}${waitsWords(rule)}`,
    'never-fired': `it did not fire within ${allowed}: its condition was not true at any evaluation that was seen`,
    'already-firing': 'it was firing before the injection already',
    unread: `what it did within ${allowed} is not known: its source could not be read, or the run ended before`,
  };
  return words[outcome];
}

type Quiet = Pick<AlertResult, 'outcome' | 'firedSeconds' | 'rule'>;

/** What an alert did that must not fire. */
export function forbiddenWords({outcome, firedSeconds, rule}: Quiet): string {
  switch (outcome) {
    case 'fired':
      return firedSeconds === null ? 'it fired' : `it fired ${afterWords(firedSeconds, undefined)}`;
    case 'quiet':
      return 'it did not fire';
    case 'already-firing':
      return 'it was firing before the injection already';
    case 'no-rule':
      return 'there is no such rule, so that it could not have fired';
    case 'rule-unhealthy':
      return `its rule could not be evaluated: ${rule?.error ?? 'no reason is on record any more'}`;
    default:
      return 'whether it fired is not known: its source could not be read all the time';
  }
}

/** What an alert did that guards the run. */
export function guardWords(result: Quiet): string {
  return result.outcome === 'fired' ? `${forbiddenWords(result)}, which stops the run` : forbiddenWords(result);
}

/** `fires within 1m, when the steady state deviates; resolves within 1m30s`: what the file asks of an alert. */
export function askedOfAlert({
  when,
  withinMs,
  resolvesWithinMs,
  receiver,
}: Omit<ExpectedAlertSpec, keyof AlertSelector>): string {
  const due = when === 'always' ? '' : ', when the steady state deviates';
  const over = resolvesWithinMs === undefined ? '' : `; resolves within ${say(resolvesWithinMs / 1000)}`;
  const to = receiver === undefined ? '' : ` for ${receiver}`;
  return `fires${to} within ${say(withinMs / 1000)}${due}${over}`;
}

/** What was asked of an alert, as its result has it. */
export function expectedOfAlert(result: AlertResult): string {
  const {role, when = 'always', withinSeconds = 0, resolvesWithinSeconds, receiver} = result;
  if (role === 'forbidden') return 'does not fire';
  if (role === 'guard') return 'stops the run when it fires';
  const resolves = resolvesWithinSeconds === undefined ? {} : {resolvesWithinMs: resolvesWithinSeconds * 1000};
  const to = receiver === undefined ? {} : {receiver};
  return askedOfAlert({when, withinMs: withinSeconds * 1000, ...resolves, ...to});
}

const STATES: Readonly<Record<ReadAlert['state'], string>> = {
  none: 'has no rule',
  unknown: 'has not been evaluated yet',
  inactive: 'is inactive',
  pending: 'is pending',
  firing: 'is firing',
};

const AN = {silence: 'a silence', inhibition: 'an inhibition', mute: 'a mute time'} as const;

/** What the Alertmanager does with an alert that fires. */
function routingWords({state, routing}: ReadAlert): string {
  if (state !== 'firing' || routing === undefined || routing.state === 'absent') return '';
  if (routing.state === 'unread') return ', and the Alertmanager cannot be asked';
  if (routing.state === 'active') return `, routed to ${routing.receivers.join(', ')}`;
  return `, hidden at the Alertmanager${routing.hiddenBy === undefined ? '' : ` by ${AN[routing.hiddenBy]}`}`;
}

/** What changed of the alerts, for the timeline; undefined for other events, and where nothing did. */
export function tellAlerts(event: Event): Pick<TimelineRow, 'what' | 'kind'> | undefined {
  if (event.type !== 'alerts.read') return undefined;
  const {alerts, source, why} = event;
  if (alerts === null)
    return {what: `Alerts of ${source} cannot be read: ${why ?? 'no reason is known'}.`, kind: 'alert'};
  const changed = alerts.filter(alert => alert.changed === true);
  if (changed.length === 0) return undefined;
  const told = changed.map(alert => {
    const broken = alert.rule?.error === undefined ? '' : ` (its rule cannot be evaluated: ${alert.rule.error})`;
    return `${alertName(alert)} ${STATES[alert.state]}${broken}${routingWords(alert)}`;
  });
  return {what: `Alerts of ${source}: ${told.join('; ')}.`, kind: 'alert'};
}
