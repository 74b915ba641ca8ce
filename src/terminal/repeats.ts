import type {PlannedTime} from '../experiment/timeline.js';
import {formatDuration} from '../quantities/duration.js';

/** An injection, or all repeats of those of one fault: they say the same again and again. */
export type FoldedRow<T> = {readonly row: T} | {readonly again: readonly T[]};

/** The injections in their order; the repeats of a fault as one, where the first of them stands. */
export function foldRepeats<T extends PlannedTime>(rows: readonly T[]): readonly FoldedRow<T>[] {
  const isFirst = ({occurrence: {fault, index}}: T) => index < (fault.steps?.parameters.length ?? 1);
  const told = new Set<string>();
  return rows.flatMap((row): FoldedRow<T>[] => {
    const {fault} = row.occurrence;
    if (isFirst(row)) return [{row}];
    if (told.has(fault.name)) return [];
    told.add(fault.name);
    return [{again: rows.filter(other => other.occurrence.fault === fault && !isFirst(other))}];
  });
}

/** `freeze 5 times more, every 30s, until +3m`. */
export function sayAgain(again: readonly PlannedTime[]): string {
  const {name = '', repeat} = again[0]?.occurrence.fault ?? {};
  const until = Math.max(...again.map(({endMs}) => endMs));
  return `${name} ${(repeat?.times ?? 1) - 1} times more, every ${formatDuration(repeat?.everyMs ?? 0)}, until +${formatDuration(until)}`;
}
