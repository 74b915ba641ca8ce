import {alertName, type AlertSelector, type ExpectedAlertSpec} from '../../signals/alerts/spec.js';
import type {Facts} from '../facts.js';
import type {OccurrenceFacts} from '../occurrences.js';
import type {AlertResult, MetricResult, Verdict} from '../result.js';
import {dueOf} from './due.js';
import {firingOf, type Firing} from './firing.js';
import {historyOf, isBlindIn, seenIn, type SeenAlert} from './history.js';
import {resolutionOf, type Resolution} from './resolution.js';
import {routedOf, routedSeconds, routedWords, type RoutingMiss} from './routed.js';
import {firingWords, forbiddenWords, guardWords} from './words.js';

type Common = Pick<
  AlertResult,
  'alert' | 'from' | 'role' | 'rule' | 'pendingSeconds' | 'firedSeconds' | 'resolvedSeconds'
>;

function ruleOf(history: readonly SeenAlert[]): AlertResult['rule'] {
  const rule = history.findLast(seen => seen.rule !== undefined)?.rule;
  if (rule === undefined) return null;
  const {forMs, everyMs, error} = rule;
  return {forSeconds: forMs / 1000, everySeconds: everyMs / 1000, ...(error === undefined ? {} : {error})};
}

function commonOf(role: AlertResult['role'], selector: AlertSelector, history: readonly SeenAlert[]): Common {
  const nothing = {pendingSeconds: null, firedSeconds: null, resolvedSeconds: null};
  return {alert: alertName(selector), from: selector.from, role, rule: ruleOf(history), ...nothing};
}

const VERDICTS = {
  'in-time': 'held',
  late: 'deviated',
  'never-fired': 'deviated',
  'pending-only': 'deviated',
  'no-rule': 'deviated',
  'rule-unhealthy': 'deviated',
  silenced: 'deviated',
  inhibited: 'deviated',
  muted: 'deviated',
  'not-routed': 'deviated',
  'wrong-receiver': 'deviated',
  'already-firing': 'inconclusive',
  'too-coarse': 'inconclusive',
  unread: 'inconclusive',
} as const satisfies Partial<Record<AlertResult['outcome'], AlertResult['verdict']>>;

/** What the file asks of an alert, and what is known of its rule. */
function askedOf(spec: ExpectedAlertSpec, history: readonly SeenAlert[]) {
  return {
    ...commonOf('expected', spec, history),
    when: spec.when,
    withinSeconds: spec.withinMs / 1000,
    ...(spec.receiver === undefined ? {} : {receiver: spec.receiver}),
    ...(spec.resolvesWithinMs === undefined ? {} : {resolvesWithinSeconds: spec.resolvesWithinMs / 1000}),
  };
}

/** An alert that must fire: whether it had to, whether it did, how soon, and whether it was over in time. */
function expectedResult(facts: Facts, spec: ExpectedAlertSpec, metrics: readonly MetricResult[]): AlertResult {
  const history = historyOf(facts, spec);
  const common = askedOf(spec, history);
  const due = dueOf(facts, spec, metrics);
  if (due === undefined) return {...common, outcome: 'not-due', verdict: null, why: 'nothing was injected'};
  const firing = firingOf(history, due.because, spec.withinMs);
  const routed = reachedOf(history, spec, {firing, because: due.because});
  const {pendingSeconds, firedSeconds, since} = firing;
  const resolution = since === undefined ? NOT_FIRED : resolutionOf(facts, spec, history);
  const seen = {...common, pendingSeconds, firedSeconds, ...routed.told, ...resolution.told};
  if (due.is === 'no') return {...seen, ...notDue(firing)};
  const outcome = routed.miss ?? firing.outcome;
  const isDoubtful = due.is === 'unknown' && VERDICTS[outcome] === 'deviated';
  const doubt = isDoubtful ? DOUBT : '';
  const verdict = worst([isDoubtful ? 'inconclusive' : VERDICTS[outcome], resolution.verdict]);
  const words = firingWords(firing, {spec, rule: common.rule, because: due.because});
  return {...seen, outcome, verdict, why: `${words}${routed.words}${doubt}${resolution.words}`};
}

/** Of an alert that has nothing to resolve, or nobody to be routed to. */
const NOT_FIRED: Resolution = {told: {}, verdict: 'held', words: ''};
const NOT_ROUTED: Reached = {told: {}, words: ''};

const DOUBT = '; whether the steady state deviated, so that it had to, is not known';

function notDue({since}: Firing): Pick<AlertResult, 'outcome' | 'verdict' | 'why'> {
  const all = since === undefined ? '' : ', and it fired all the same';
  return {outcome: 'not-due', verdict: 'held', why: `not due: the steady state did not deviate${all}`};
}

/** Whether an alert that fired reached whom it is for, told. */
interface Reached {
  readonly told: Pick<AlertResult, 'routedSeconds'>;
  readonly words: string;
  readonly miss?: RoutingMiss;
}

/** Whether an alert that fired in time reached its receiver in time. */
function reachedOf(
  history: readonly SeenAlert[],
  {receiver, withinMs}: ExpectedAlertSpec,
  {firing, because}: {readonly firing: Firing; readonly because: OccurrenceFacts},
): Reached {
  if (firing.outcome !== 'in-time') return NOT_ROUTED;
  const t0Us = because.confirmedUs ?? 0;
  const routed = routedOf(history, {fromUs: firing.since?.atUs ?? t0Us, toUs: t0Us + withinMs * 1000}, receiver);
  if (routed === undefined) return NOT_ROUTED;
  const told = {routedSeconds: routedSeconds(routed, t0Us)};
  return {told, words: routedWords(routed, receiver), ...(routed.miss === undefined ? {} : {miss: routed.miss})};
}

function worst(verdicts: readonly Verdict[]): Verdict {
  return (['deviated', 'inconclusive'] as const).find(one => verdicts.includes(one)) ?? 'held';
}

/** What an alert did that must not fire, or that guards the run, from the first injection to the last look. */
function quietResult(facts: Facts, role: 'forbidden' | 'guard', selector: AlertSelector): AlertResult {
  const history = historyOf(facts, selector);
  const common = commonOf(role, selector, history);
  const fromUs = Math.min(...facts.occurrences.map(({requestedUs}) => requestedUs ?? Infinity));
  if (!Number.isFinite(fromUs)) return {...common, outcome: 'not-due', verdict: null, why: 'nothing was injected'};
  const checked = facts.phases.find(({phase}) => phase === 'leak-check');
  const window = {fromUs, toUs: checked?.fromUs ?? facts.endUs};
  const seen = seenIn(history, window);
  const fired = seen.find(({state}) => state === 'firing');
  const firedSeconds =
    fired === undefined ? null : {atLeast: secondsFrom(fromUs, fired.afterUs), atMost: secondsFrom(fromUs, fired.atUs)};
  const outcome = quietOutcome(seen, fired, {history, window});
  const verdict = role === 'guard' ? null : QUIET_VERDICTS[outcome];
  const told = {...common, firedSeconds, outcome, verdict};
  return {...told, why: role === 'guard' ? guardWords(told) : forbiddenWords(told)};
}

const QUIET_VERDICTS = {
  fired: 'deviated',
  quiet: 'held',
  'already-firing': 'inconclusive',
  'no-rule': 'inconclusive',
  'rule-unhealthy': 'inconclusive',
  unread: 'inconclusive',
} as const;

function quietOutcome(
  seen: readonly SeenAlert[],
  fired: SeenAlert | undefined,
  {history, window}: {history: readonly SeenAlert[]; window: {fromUs: number; toUs: number}},
): keyof typeof QUIET_VERDICTS {
  if (fired !== undefined) return fired.atUs <= window.fromUs ? 'already-firing' : 'fired';
  if (isBlindIn(history, window)) return 'unread';
  if (seen.some(({state}) => state === 'none')) return 'no-rule';
  return seen.some(({rule}) => rule?.error !== undefined) ? 'rule-unhealthy' : 'quiet';
}

const secondsFrom = (fromUs: number, us: number) => Math.max(0, Math.round((us - fromUs) / 1000) / 1000);

/** What became of every alert that the file names: expected, forbidden, guarding. */
export function alertResults(facts: Facts, metrics: readonly MetricResult[]): readonly AlertResult[] {
  const {
    alertGuards = [],
    expect: {alerts = [], forbid = []},
  } = facts.experiment;
  return [
    ...alerts.map(spec => expectedResult(facts, spec, metrics)),
    ...forbid.map(selector => quietResult(facts, 'forbidden', selector)),
    ...alertGuards.map(selector => quietResult(facts, 'guard', selector)),
  ];
}
