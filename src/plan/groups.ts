import type {Occurrence} from '../experiment/timeline.js';
import {seededRandom} from '../quantities/random.js';
import type {Candidate, TargetRef} from '../targets/contract.js';
import {selectTargets} from './selection.js';
import type {Ports} from '../ports.js';
import type {Readers} from '../targets/readers.js';
import {hostGroup, type HitGroup} from './draft.js';
import type {ResolvedTarget} from './resolve.js';

/** What one occurrence hits: the targets drawn once, or drawn anew for every repeat that says `redraw`. */
export interface OccurrenceTargets {
  readonly groups: readonly HitGroup[];
  readonly hit: readonly Candidate[];
  readonly byTarget: readonly {readonly target: ResolvedTarget; readonly hit: readonly Candidate[]}[];
}

/** Which of its draws an occurrence takes: the first one, or one of its own where repeats draw anew. */
export function drawOf({fault, index}: Occurrence): number {
  return fault.repeat?.targets === 'redraw' ? index : 0;
}

function drawFor(occurrence: Occurrence, target: ResolvedTarget): readonly Candidate[] {
  const draw = drawOf(occurrence);
  if (draw === 0) return target.hit;
  const {spec, candidates, seed} = target;
  return selectTargets({
    name: spec.name,
    candidates,
    select: spec.select,
    random: seededRandom(seed + draw),
  }).hit;
}

export async function targetsOf(
  occurrence: Occurrence,
  targets: ReadonlyMap<string, ResolvedTarget>,
  options: {readonly ports: Ports; readonly readers: Readers},
): Promise<OccurrenceTargets> {
  if (occurrence.fault.targets.length === 0) {
    const host = await hostGroup(options.readers);
    return {groups: [host], hit: [], byTarget: []};
  }
  const chosen = occurrence.fault.targets.flatMap(name => {
    const target = targets.get(name);
    return target === undefined ? [] : [{target, hit: drawFor(occurrence, target)}];
  });
  return {
    groups: chosen.map(({target, hit}) => ({target, refs: hit.map(candidate => candidate.ref)})),
    hit: chosen.flatMap(({target, hit}) => target.among ?? hit),
    byTarget: chosen,
  };
}

/** The same targets as they are now: references keep their object and get the present incarnation. */
export function refreshed(group: HitGroup, found: readonly TargetRef[]): HitGroup {
  const byObject = new Map(found.map(ref => [ref.object, ref]));
  return {...group, refs: group.refs.map(ref => byObject.get(ref.object) ?? ref)};
}
