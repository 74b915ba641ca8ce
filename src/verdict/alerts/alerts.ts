import {alertName, type AlertSelector, type ExpectedAlertSpec} from '../../signals/alerts/spec.js';
import type {Facts} from '../facts.js';
import type {AlertResult, MetricResult, Verdict} from '../result.js';
import {dueOf} from './due.js';
import {firingOf} from './firing.js';
import {historyOf, isBlindIn, seenIn, type SeenAlert} from './history.js';
import {resolutionOf} from './resolution.js';
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
  'already-firing': 'inconclusive',
  'too-coarse': 'inconclusive',
  unread: 'inconclusive',
} as const satisfies Partial<Record<AlertResult['outcome'], AlertResult['verdict']>>;

/** An alert that must fire: whether it had to, whether it did, how soon, and whether it was over in time. */
function expectedResult(facts: Facts, spec: ExpectedAlertSpec, metrics: readonly MetricResult[]): AlertResult {
  const history = historyOf(facts, spec);
  const common = {
    ...commonOf('expected', spec, history),
    when: spec.when,
    withinSeconds: spec.withinMs / 1000,
    ...(spec.resolvesWithinMs === undefined ? {} : {resolvesWithinSeconds: spec.resolvesWithinMs / 1000}),
  };
  const due = dueOf(facts, spec, metrics);
  if (due === undefined) return {...common, outcome: 'not-due', verdict: null, why: 'nothing was injected'};
  const firing = firingOf(history, due.because, spec.withinMs);
  const {outcome, pendingSeconds, firedSeconds, since} = firing;
  const resolution = since === undefined ? undefined : resolutionOf(facts, spec, history);
  const seen = {...common, pendingSeconds, firedSeconds, ...resolution?.told};
  if (due.is === 'no') {
    const all = since === undefined ? '' : ', and it fired all the same';
    return {...seen, outcome: 'not-due', verdict: 'held', why: `not due: the steady state did not deviate${all}`};
  }
  const isDoubtful = VERDICTS[outcome] === 'deviated' && due.is === 'unknown';
  const doubt = isDoubtful ? '; whether the steady state deviated, so that it had to, is not known' : '';
  const verdict = worst([isDoubtful ? 'inconclusive' : VERDICTS[outcome], resolution?.verdict ?? 'held']);
  const words = firingWords(firing, {spec, rule: common.rule, because: due.because});
  return {...seen, outcome, verdict, why: `${words}${doubt}${resolution?.words ?? ''}`};
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
