import type {Experiment} from '../../experiment/experiment.js';
import {alertName, isSameAlert, type AlertSelector, type ReadAlert} from '../../signals/alerts/spec.js';
import type {AlertResult} from '../result.js';

/** Why an alert cannot answer what the file asks, before anything is injected. */
export interface AlertDoubt {
  /**
   * `refused`: no run of this file could use it; `not-steady`: not now; `told`: the run may go on, and will say so at
   * its end.
   */
  readonly kind: 'refused' | 'not-steady' | 'told';
  readonly what: string;
}

type Role = AlertResult['role'];

const MUST_NOT: Readonly<Record<Role, string>> = {
  expected: 'nobody could say that the fault made it fire',
  forbidden: 'nobody could say that the fault made it fire',
  guard: 'the guard would stop the run at once',
};

const WITHOUT_RULE: Readonly<Record<Role, string>> = {
  expected: 'it cannot fire',
  forbidden: 'whether it would have fired cannot be told',
  guard: 'the guard would protect nothing',
};

/** What is wrong with one alert as its source has it now; undefined where it can answer. */
function doubtOf(role: Role, selector: AlertSelector, {state, rule}: ReadAlert): AlertDoubt | undefined {
  const name = `alert ${alertName(selector)}`;
  const useless = role === 'guard' ? 'refused' : 'told';
  if (state === 'none')
    return {kind: useless, what: `${name}: \`${selector.from}\` has no such alerting rule, so ${WITHOUT_RULE[role]}`};
  if (state === 'firing') return {kind: 'not-steady', what: `${name} fires already: ${MUST_NOT[role]}`};
  if (rule?.error !== undefined)
    return {kind: useless, what: `${name}: its rule cannot be evaluated (${rule.error}), so ${WITHOUT_RULE[role]}`};
  if (state === 'pending')
    return {kind: 'not-steady', what: `${name} is pending already, so it may fire by itself: ${MUST_NOT[role]}`};
  if (state === 'unknown') return {kind: 'not-steady', what: `${name}: its rule has not been evaluated yet`};
  return undefined;
}

/** What is wrong with the alerts of one source as it tells them now. */
export function alertDoubts(
  {alertGuards = [], expect: {alerts = [], forbid = []}}: Pick<Experiment, 'alertGuards' | 'expect'>,
  source: string,
  read: readonly ReadAlert[],
): readonly AlertDoubt[] {
  const of = (role: Role, selectors: readonly AlertSelector[]) =>
    selectors
      .filter(({from}) => from === source)
      .flatMap(selector => {
        const now = read.find(one => isSameAlert({...one, from: source}, selector));
        return now === undefined ? [] : (doubtOf(role, selector, now) ?? []);
      });
  return [...of('guard', alertGuards), ...of('expected', alerts), ...of('forbidden', forbid)];
}
