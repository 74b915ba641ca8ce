import type {SafetySpec} from '../experiment/experiment.js';
import {formatShare} from '../quantities/share.js';
import {FiredrillError} from '../system/error.js';
import type {Candidate, TargetRef} from '../targets/contract.js';
import {isFree} from './selection.js';

/** What all faults together hit through one selector, redraws of repeats included. */
export interface Reach {
  /** The target's name in the file. */
  readonly name: string;
  /** All that the selector found. Those that are protected or cannot take the fault do not count. */
  readonly candidates: readonly Candidate[];
  /** Also what is no candidate, where a fault reaches it beside its target. */
  readonly hit: readonly TargetRef[];
}

const identity = (ref: TargetRef) => `${ref.driver}\n${ref.endpoint}\n${ref.object}`;

/** Each of them once, also where several selectors find it. */
export function distinctTargets(refs: readonly TargetRef[]): ReadonlyMap<string, TargetRef> {
  return new Map(refs.map(ref => [identity(ref), ref]));
}

/**
 * Holds what is hit against the limits: at most `maxTargets` distinct objects over all faults together, and of a
 * selector with several candidates at most `maxShare`. Answers every limit that is broken (TARGET_TOO_MANY); `[]` when
 * all is well.
 */
export function blastRadiusProblems(
  reaches: readonly Reach[],
  safety: Pick<SafetySpec, 'maxTargets' | 'maxShare'>,
): readonly FiredrillError[] {
  const all = distinctTargets(reaches.flatMap(reach => reach.hit));
  const problems = reaches.flatMap(reach => shareProblem(reach, safety.maxShare) ?? []);
  if (all.size <= safety.maxTargets) return problems;
  const names = [...all.values()].map(ref => `\`${ref.name}\``).join(', ');
  return [
    new FiredrillError(
      'TARGET_TOO_MANY',
      `Expected at most ${safety.maxTargets} targets over all faults together (\`safety.maxTargets\`); got ${all.size}: ${names}.`,
      {hint: 'Hit fewer with `select`, or raise `safety.maxTargets` if that many are meant.'},
    ),
    ...problems,
  ];
}

function shareProblem({name, candidates, hit}: Reach, maxShare: number): FiredrillError | undefined {
  const free = distinctTargets(candidates.filter(isFree).map(one => one.ref));
  const hits = [...distinctTargets(hit).keys()].filter(one => free.has(one)).length;
  const share = hits / free.size;
  // A share such as 1/3 of 3 must not fail by rounding.
  if (free.size < 2 || share <= maxShare + 1e-9) return undefined;
  return new FiredrillError(
    'TARGET_TOO_MANY',
    `Target \`${name}\`: expected at most ${formatShare(maxShare)} of its candidates to be hit (\`safety.maxShare\`); got ${hits} of ${free.size} (${formatShare(share)}).`,
    {hint: 'Hit fewer with `select`, or raise `safety.maxShare` if that much is meant.'},
  );
}
