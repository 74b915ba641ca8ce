import type {ChalkInstance} from 'chalk';
import type {OwedRun, Recovery} from '../run/safety/recover.js';
import type {Debt} from '../targets/contract.js';
import {plural} from './text.js';

function debtLines(debt: Debt, style: ChalkInstance): string[] {
  const {undo} = debt;
  return [`  ${undo.ref.name} (${undo.ref.driver}): ${undo.op}`, style.dim(`    by hand: ${undo.manual}`)];
}

/** What each run owes, for `recover --list`. */
export function owedLines(runs: readonly OwedRun[], style: ChalkInstance): string[] {
  const owing = runs.filter(run => run.debts.length > 0);
  if (owing.length === 0) return ['Nothing is owed.'];
  return owing.flatMap(({run, live, known, debts}) => [
    `${style.bold(run)}: ${plural(debts.length, 'undo', 'undos')} owed${known === 'marks' ? ', found by its mark' : ''}${live ? ', still alive' : ''}`,
    ...debts.flatMap(debt => debtLines(debt, style)),
  ]);
}

/** What `recover` did for one run. */
export function recoveryLines({run, settled, owed}: Recovery, style: ChalkInstance): string[] {
  const head = owed.length === 0 ? style.green('put back') : style.red('STILL BROKEN');
  const lines = [`${style.bold(run)}: ${head}`];
  for (const one of settled) {
    const failed = 'why' in one;
    const detail = failed ? one.why : (one.detail ?? '');
    const outcome = failed ? style.red(one.outcome) : one.outcome;
    lines.push(`  ${one.debt}: ${outcome}${detail === '' ? '' : `, ${detail}`}`);
    if (failed) lines.push(`    by hand: ${one.manual}`);
  }
  if (settled.length === 0 && owed.length === 0) lines.push('  nothing was owed any more');
  return lines;
}
