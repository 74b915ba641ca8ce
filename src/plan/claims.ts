import {FiredrillError} from '../system/error.js';
import type {PlannedFault} from './planned-fault.js';

/** Of two faults that depend on how the same one went, in opposite ways, only one is injected. */
function areAlternatives(...faults: readonly [PlannedFault, PlannedFault]): boolean {
  const [a, b] = faults.map(({occurrence}) => occurrence.fault.after);
  if (a?.from !== 'fault' || b?.from !== 'fault' || a.onlyIf === undefined || b.onlyIf === undefined) return false;
  return a.fault === b.fault && a.onlyIf !== b.onlyIf;
}

/** Occurrences that may be in force together and want the same slot of the same target. */
export function overlapProblems(
  overlaps: readonly (readonly [string, string])[],
  planned: readonly PlannedFault[],
): readonly FiredrillError[] {
  const byId = new Map(planned.map(fault => [fault.occurrence.id, fault]));
  return overlaps.flatMap(([a, b]) => {
    const first = byId.get(a);
    const second = byId.get(b);
    if (first === undefined || second === undefined || areAlternatives(first, second)) return [];
    const held = new Set(
      first.changes.flatMap(({change}) => change.claims.map(claim => `${change.target.object} ${claim}`)),
    );
    return second.changes.flatMap(({change}) =>
      change.claims
        .filter(claim => held.has(`${change.target.object} ${claim}`))
        .map(
          claim =>
            new FiredrillError(
              'CLAIMS_OVERLAP',
              `\`${first.occurrence.fault.name}\` and \`${second.occurrence.fault.name}\` both want \`${claim}\` of \`${change.target.name}\` at the same time.`,
              {
                hint: 'Let one start after the other: after: { fault: …, ends: 0s }.',
              },
            ),
        ),
    );
  });
}
