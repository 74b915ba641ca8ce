import {expectedOfAlert} from '../verdict/alerts/words.js';
import {capital} from '../verdict/phrase.js';
import type {Result, Verdict} from '../verdict/result.js';
import {EXIT} from '../system/exit-codes.js';
import {recoverySentence} from './document.js';

/**
 * What was to hold, one by one, for formats that count tests. `failed`: it did not hold; `error`: nobody can tell, or
 * Firedrill is at fault; `skipped`: it was not asked.
 */
export interface Case {
  readonly suite: 'steady state' | 'recovery' | 'times' | 'checks' | 'writes' | 'alerts' | 'run';
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'error' | 'skipped';
  readonly message: string;
}

const STATUS: Readonly<Record<Verdict, Case['status']>> = {held: 'passed', deviated: 'failed', inconclusive: 'error'};

function judged(suite: Case['suite'], name: string, verdict: Verdict | null, message: string): Case {
  return {suite, name, status: verdict === null ? 'skipped' : STATUS[verdict], message};
}

function recoveryCase(result: Result): Case {
  const {state, tookSeconds, withinSeconds} = result.recovery;
  const late = tookSeconds !== null && tookSeconds[0] > withinSeconds;
  const verdicts = {
    recovered: late ? 'deviated' : 'held',
    'not-recovered': 'deviated',
    unknown: 'inconclusive',
    'not-watched': null,
  } as const;
  return judged('recovery', 'the steady state comes back', verdicts[state], recoverySentence(result));
}

/** The whole run by its exit code: what the code of a step in CI says. */
function runCase({exit, headline}: Result): Case {
  const skipped: readonly number[] = [EXIT.refused, EXIT.notSteady];
  const status =
    exit === EXIT.held ? 'passed' : exit === EXIT.deviated ? 'failed' : skipped.includes(exit) ? 'skipped' : 'error';
  return {suite: 'run', name: 'the run as a whole', status, message: headline};
}

function putBackCase({owed, exit, putBack}: Result): Case {
  const left = owed.length > 0 || exit === EXIT.broken;
  return {suite: 'run', name: 'everything is put back', status: left ? 'error' : 'passed', message: putBack ?? ''};
}

/** Everything that was to hold. A weakness that the file pins and that showed counts as passed, and is told as that. */
export function casesOf(result: Result): readonly Case[] {
  const {metrics, checks, timeLimits = [], writes = [], alerts = [], verdict, expected, exit} = result;
  const whole = [putBackCase(result), runCase(result)];
  if (verdict === null) return whole;
  const pieces = [
    ...metrics
      .filter(({judged: when}) => when.length > 0)
      .map(metric => judged('steady state', metric.name, metric.verdict, capital(metric.explanation))),
    recoveryCase(result),
    ...timeLimits.map(limit => judged('times', limit.name, limit.verdict, `${limit.what}: ${limit.why}`)),
    ...writes.map(check => judged('writes', check.name, check.verdict, capital(check.why))),
    ...alerts
      .filter(({role}) => role !== 'guard')
      .map(alert => judged('alerts', `${alert.alert} ${expectedOfAlert(alert)}`, alert.verdict, capital(alert.why))),
    ...checks.map(check => judged('checks', check.name, check.verdict, `${check.expected}: ${check.why}`)),
  ];
  const pinned = expected === 'deviated' && exit === EXIT.held;
  const told = pieces.map(one =>
    pinned && one.status === 'failed'
      ? {...one, status: 'passed' as const, message: `As the file expects: ${one.message}`}
      : one,
  );
  return [...told, ...whole];
}

/** How many cases ended in each way. */
export function countCases(cases: readonly Case[]): Readonly<Record<Case['status'], number>> {
  const of = (status: Case['status']) => cases.filter(one => one.status === status).length;
  return {passed: of('passed'), failed: of('failed'), error: of('error'), skipped: of('skipped')};
}
