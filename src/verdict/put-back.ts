import type {WithoutUndo} from '../record/events.js';
import type {Debt, Settled} from '../targets/contract.js';
import type {Facts} from './facts.js';
import {capital, targetNames} from './phrase.js';

/** What became of what was changed, by the names of the targets. */
export interface Aftermath {
  readonly owed: readonly string[];
  /** Someone else changed it meanwhile: theirs was left in place. */
  readonly superseded: readonly string[];
  /** Nothing can put it back, and the file allows that. */
  readonly irreversible: readonly string[];
  /** It stays as it is, as the file says. */
  readonly left: readonly string[];
  /** Whether anything else was put back, or ended by itself. */
  readonly back: boolean;
}

/** The last answer about a debt, whoever gave it: runner, guardian or `recover`. */
export function lastAnswer({id}: Debt, settled: readonly Settled[]): Settled | undefined {
  return settled.findLast(answer => answer.debt === id);
}

/** What is not as before although it was undone, each once. */
export function remarks(settled: readonly Settled[]): readonly string[] {
  return unique(settled.flatMap(one => (one.outcome === 'undone' && one.detail !== undefined ? [one.detail] : [])));
}

/** The same for a run in the middle of it, after a takeover and for what `recover` did. */
export function aftermathOf(
  debts: readonly Debt[],
  settled: readonly Settled[],
  withoutUndo: readonly WithoutUndo[] = [],
): Aftermath {
  const named = (outcomes: readonly (Settled['outcome'] | undefined)[]) =>
    unique(debts.filter(debt => outcomes.includes(lastAnswer(debt, settled)?.outcome)).map(({undo}) => undo.ref.name));
  return {
    owed: named([undefined, 'failed', 'unknown']),
    superseded: named(['superseded']),
    irreversible: unique(withoutUndo.flatMap(change => ('irreversible' in change ? [change.ref.name] : []))),
    left: unique(withoutUndo.flatMap(change => ('left' in change ? [change.ref.name] : []))),
    back: named(['undone', 'already', 'gone']).length > 0,
  };
}

/** What became of everything that the faults of a run changed, and what else is owed. */
export function aftermath({occurrences, owed}: Pick<Facts, 'occurrences' | 'owed'>): Aftermath {
  const ofFaults = occurrences.flatMap(({debts}) => debts);
  const around = owed.filter(({id}) => !ofFaults.some(debt => debt.id === id));
  return aftermathOf(
    [...ofFaults, ...around],
    occurrences.flatMap(({settled}) => settled),
    occurrences.flatMap(({withoutUndo}) => withoutUndo),
  );
}

/** Whether all of it is as it was before. */
export function isAllBack({owed, superseded, irreversible}: Aftermath): boolean {
  return owed.length + superseded.length + irreversible.length === 0;
}

/** The one sentence about it. */
export function putBackSentence({owed, superseded, irreversible, left, back}: Aftermath): string {
  const parts = [
    ...(owed.length === 0 ? [] : [`${targetNames(owed)} ${owed.length === 1 ? 'is' : 'are'} not put back`]),
    ...(superseded.length === 0
      ? []
      : [`what someone else changed on ${targetNames(superseded)} meanwhile was left in place`]),
    ...(irreversible.length === 0 ? [] : [`what was done to ${targetNames(irreversible)} cannot be put back`]),
    ...(left.length === 0
      ? []
      : [`as the file says, ${targetNames(left)} ${left.length === 1 ? 'stays' : 'stay'} down`]),
  ];
  if (parts.length === 0)
    return back ? 'Everything that was changed is verified to be back.' : 'There was nothing to put back.';
  return `${capital([...parts, ...(back ? ['all else is verified to be back'] : [])].join('; '))}.`;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
