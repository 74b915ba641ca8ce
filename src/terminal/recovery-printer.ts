import type {ChalkInstance} from 'chalk';
import type {OwedRun, Recovery} from '../run/safety/recover.js';
import type {Forgotten} from '../run/safety/forget.js';
import type {Debt} from '../targets/contract.js';
import {aftermathOf, putBackSentence} from '../verdict/put-back.js';
import {plural} from './text.js';

function debtLines(debt: Debt, style: ChalkInstance): string[] {
  const {undo} = debt;
  return [`  ${undo.ref.name} (${undo.ref.driver}): ${undo.op}`, style.dim(`    by hand: ${undo.manual}`)];
}

/** What was found and is not understood. */
function unknownLines(unknown: readonly string[], style: ChalkInstance): string[] {
  return unknown.map(text => `  ${style.red('unknown')}: ${text}`);
}

function sayWhatIsOwed({live, known, debts, unknown}: OwedRun): string {
  const owed = debts.length === 0 ? 'nobody knows what is owed' : `${plural(debts.length, 'undo', 'undos')} owed`;
  const more = debts.length > 0 && unknown.length > 0 ? ', maybe more' : '';
  return `${owed}${more}${known === 'marks' && debts.length > 0 ? ', found by its mark' : ''}${live ? ', still alive' : ''}`;
}

/** What each run owes, for `recover --list`. */
export function owedLines(runs: readonly OwedRun[], style: ChalkInstance): string[] {
  const owing = runs.filter(run => run.debts.length + run.unknown.length > 0);
  if (owing.length === 0) return ['Nothing is owed.'];
  return owing.flatMap(run => [
    `${style.bold(run.run)}: ${sayWhatIsOwed(run)}`,
    ...run.debts.flatMap(debt => debtLines(debt, style)),
    ...unknownLines(run.unknown, style),
  ]);
}

/** What `recover --forget` gave up. */
export function forgottenLines({run, abandoned, unknown, left}: Forgotten, style: ChalkInstance): string[] {
  const what = abandoned.length === 0 ? 'nothing that is known' : plural(abandoned.length, 'undo', 'undos');
  return [
    `${style.bold(run)}: forgotten; ${style.red(`abandoned: ${what}`)}`,
    ...abandoned.flatMap(debt => debtLines(debt, style)),
    ...unknownLines(unknown, style),
    ...left.map(text => `  its mark stays, and locks the target: ${text}`),
  ];
}

/** What `recover` did for one run. */
export function recoveryLines({run, debts, settled, owed, unknown}: Recovery, style: ChalkInstance): string[] {
  const became = putBackSentence(aftermathOf(debts, settled));
  const known = owed.length === 0 ? style.green(became) : style.red(`STILL BROKEN: ${became}`);
  const head =
    unknown.length === 0
      ? known
      : `${debts.length === 0 ? '' : `${known}; `}${style.red('UNKNOWN: maybe more is owed')}`;
  const lines = [`${style.bold(run)}: ${head}`, ...unknownLines(unknown, style)];
  if (unknown.length > 0 && run !== '?') lines.push(`  look at it; to give it up: firedrill recover --forget ${run}`);
  for (const one of settled) {
    const failed = 'why' in one;
    const detail = failed ? one.why : (one.detail ?? '');
    const outcome = failed ? style.red(one.outcome) : one.outcome;
    lines.push(`  ${one.debt}: ${outcome}${detail === '' ? '' : `, ${detail}`}`);
    if (failed) lines.push(`    by hand: ${one.manual}`);
  }
  return lines;
}
