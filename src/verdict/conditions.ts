import {field, type Facts} from './facts.js';
import {worstVerdict} from './metrics.js';
import type {OccurrenceResult} from './result.js';

/** A fault that was not injected, because the one that it depends on did not go as it is for. */
export interface UnmetCondition {
  readonly of: string;
  readonly onlyIf: string;
  readonly went: string;
}

/** How a fault went, to follow its name. */
export function wentWords(went: string | null): string {
  if (went === 'held' || went === 'deviated') return went;
  return went === null ? 'was not judged' : 'stayed open';
}

/** `slow held, and this is only for when that deviated`. */
export function unmetWords({of, onlyIf, went}: UnmetCondition): string {
  return `${of} ${went}, and this is only for when that ${onlyIf}`;
}

/** Why a fault with a condition was not injected, as it was decided live; undefined where it was, or has none. */
export function unmetCondition({decided}: Facts, fault: string): UnmetCondition | undefined {
  const decision = decided.find(({what, basis}) => what === 'condition' && field(basis, 'fault') === fault);
  if (decision?.answer !== 'no') return undefined;
  const text = (key: string) => {
    const value = field(decision.basis, key);
    return typeof value === 'string' ? value : null;
  };
  return {of: text('of') ?? 'another fault', onlyIf: text('onlyIf') ?? 'held', went: wentWords(text('went'))};
}

/** A fault whose condition was not met is rightly left out, unless the whole record says otherwise. */
export function leftOut(
  {fault, id, label, requestedAt}: OccurrenceResult,
  {facts, pieces}: {readonly facts: Facts; readonly pieces: {readonly occurrences: readonly OccurrenceResult[]}},
): {readonly doubts: readonly string[]} | undefined {
  const unmet = requestedAt === null ? unmetCondition(facts, fault) : undefined;
  if (unmet === undefined) return undefined;
  const went = worstVerdict(pieces.occurrences.filter(other => other.fault === unmet.of).map(({verdict}) => verdict));
  if (went !== unmet.onlyIf) return {doubts: []};
  const name = label === '' ? id : label;
  return {doubts: [`${name} was not injected: ${unmetWords(unmet)}, which the whole record does not show`]};
}
