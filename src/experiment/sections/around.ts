import type {Experiment} from '../experiment.js';
import {checkOnce, type ProblemReport} from '../reading/tree.js';
import type {ReadHead} from './design.js';

/** The commands around the run, where there are any: names stand once, and what is prepared is put back. */
export function readAround(
  report: ProblemReport,
  {prepare = [], cleanup = [], safety}: ReadHead,
): Pick<Experiment, 'prepare' | 'cleanup'> {
  for (const [section, entries] of Object.entries({prepare, cleanup})) {
    const seen = new Set<string>();
    entries.forEach(({name}, i) => {
      checkOnce(report, [section, i, 'name'], name, seen);
    });
  }
  if (safety?.irreversible !== 'allow') checkUndos(report, prepare);
  return {...(prepare.length === 0 ? {} : {prepare}), ...(cleanup.length === 0 ? {} : {cleanup})};
}

function checkUndos(report: ProblemReport, prepare: NonNullable<ReadHead['prepare']>): void {
  prepare.forEach(({undo}, i) => {
    if (undo !== undefined) return;
    report.add({
      path: ['prepare', i, 'undo'],
      code: 'MISSING',
      message: 'expected `undo`: the command that puts it back at the end of the run; it is missing',
      hint: 'write `undo: { nothing: REASON }` where there is nothing to put back, or allow it: `safety: { irreversible: allow }`',
    });
  });
}
