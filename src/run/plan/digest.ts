import {createHash} from 'node:crypto';
import type {PlannedFault} from './planned-fault.js';

/**
 * Short digest of what a person approves: the file, the exact targets, the changes in the mechanism's words, and how long baseline and
 * injections may become.
 */
export function digestOf(fileSha256: string, planned: readonly PlannedFault[], resizeMs?: number): string {
  const approved = planned.map(({occurrence, hit, changes}) => ({
    id: occurrence.id,
    label: occurrence.label,
    forMs: occurrence.forMs,
    targets: hit.map(({ref}) => [ref.driver, ref.endpoint, ref.object]),
    changes: changes.map(({change}) => [change.flip.op, change.flip.ref.object]),
  }));
  return createHash('sha256')
    .update(JSON.stringify([fileSha256, approved, ...(resizeMs === undefined ? [] : [resizeMs])]))
    .digest('hex')
    .slice(0, 16);
}
