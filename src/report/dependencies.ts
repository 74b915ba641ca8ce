import type {DependenciesResult, ProvenDependency, Result, SeenDependency} from '../verdict/result.js';
import {targetNames} from '../verdict/phrase.js';
import {say} from '../verdict/time.js';

/** What the kinds mean: below the table. */
export const DEPENDENCY_NOTES: readonly string[] = [
  'Hard: at least half of the attempts failed while the fault was in force. Degrading: the metric left what is allowed, and less than that failed. Soft: the metric is proven to have held. Open: this run does not tell. It is proven for this fault and this load; a stronger fault, or another kind, may show more.',
  'Connections are those that were open at three moments, or had been closed a moment before. Firedrill’s own requests are among them; what connects only now and then may be missing.',
];

export interface ProvenRow {
  readonly metric: string;
  readonly on: string;
  readonly under: string;
  readonly kind: ProvenDependency['kind'];
  readonly interval: string;
  readonly why: string;
}

export function provenRows({dependencies, occurrences}: Result): readonly ProvenRow[] {
  return (dependencies?.proven ?? []).map(({metric, on, occurrence, kind, from, to, why}) => {
    const known = occurrences.find(({id}) => id === occurrence);
    const interval =
      from === null || to === null ? '–' : `${from.toFixed(1)} to ${to.toFixed(1)} s (${say(to - from)})`;
    return {metric, on: targetNames(on), under: known?.kind ?? occurrence, kind, interval, why};
  });
}

export interface SeenRow {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly counts: readonly [before: string, during: string, after: string];
}

const counted = (amount: number | null) => (amount === null ? '–' : String(amount));

export function seenRows({seen}: DependenciesResult): readonly SeenRow[] {
  return seen.map(({from, to, port, before, during, after}: SeenDependency) => ({
    from,
    to,
    port: String(port),
    counts: [counted(before), counted(during), counted(after)],
  }));
}
