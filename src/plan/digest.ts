import {createHash} from 'node:crypto';
import type {Experiment, LoadSpec} from '../experiment/experiment.js';
import type {TargetRef} from '../targets/target.js';
import type {Around} from './around.js';
import type {PlannedFault} from './planned-fault.js';

function isOpen(byTarget: PlannedFault['byTarget'], {object}: TargetRef): boolean {
  return byTarget.some(({target}) => target.among?.some(({ref}) => ref.object === object) === true);
}

/** What its rows are matters, not in which folder they lie. */
function withoutPlace({csv, ...load}: LoadSpec): object {
  return csv === undefined ? load : {...load, csv: {order: csv.order, sha256: csv.sha256}};
}

/**
 * Short digest of what a person approves: the file, the exact targets, the changes in the mechanism's words, the
 * commands around them and the traffic as variables and environment make them, and how long baseline and injections may
 * become.
 */
export function digestOf(
  fileSha256: string,
  {planned, around: {prepare, cleanup}}: {readonly planned: readonly PlannedFault[]; readonly around: Around},
  {load, windows: {goOnMs}}: Pick<Experiment, 'load' | 'windows'>,
): string {
  const approved = planned.map(({occurrence, byTarget, hit, changes}) => ({
    id: occurrence.id,
    label: occurrence.label,
    forMs: occurrence.forMs,
    targets: hit.map(({ref}) => [ref.driver, ref.endpoint, ref.object]),
    // Whom `where` chooses is decided at the injection: all among which it does are approved.
    changes: changes.map(({change: {flip, target, undo, owes}}) =>
      owes === true && 'op' in undo
        ? [flip.op, undo.args['undo'], undo.args['back']]
        : [flip.op, isOpen(byTarget, target) ? '' : flip.ref.object],
    ),
  }));
  // What is run and what puts it back, with limits, folders and variables.
  const steps = [...prepare, ...cleanup].map(({change: {flip, undo}}) => [flip.op, flip.args, undo]);
  const parts = [...(goOnMs === undefined ? [] : [goOnMs]), ...(steps.length === 0 ? [] : [steps])];
  return createHash('sha256')
    .update(JSON.stringify([fileSha256, approved, Object.values(load).map(withoutPlace), ...parts]))
    .digest('hex')
    .slice(0, 16);
}
