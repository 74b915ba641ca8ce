import type {Experiment} from '../experiment/experiment.js';
import {describeTimeline, MOST_CHANGES, occurrencesOf, type Occurrence} from '../experiment/timeline.js';
import {describeError, FiredrillError} from '../system/error.js';
import type {Candidate} from '../targets/contract.js';
import type {LocatedChange} from '../targets/contract.js';
import type {Ports} from '../ports.js';
import type {Readers} from '../targets/readers.js';
import {draftOccurrence} from './draft.js';
import {targetsOf} from './groups.js';
import type {PlannedFault} from './planned-fault.js';
import {resolveTargets, withoutUnfit, type ResolvedTarget} from './resolve.js';

export interface Drawing {
  readonly experiment: Experiment;
  readonly ports: Ports;
  readonly readers: Readers;
  /** Of the draws that have no seed of their own. */
  readonly seed: number;
  readonly signal: AbortSignal;
}

type Targets = ReadonlyMap<string, ResolvedTarget>;

interface Drafted {
  readonly planned: readonly PlannedFault[];
  readonly failed: readonly {readonly fault: PlannedFault; readonly error: FiredrillError}[];
}

/** What is drawn and drafted, and why something was not. */
export interface DrawnPlan {
  readonly targets: Targets;
  readonly planned: readonly PlannedFault[];
  readonly unresolved: readonly FiredrillError[];
  readonly undrafted: readonly FiredrillError[];
}

/** What a candidate itself is the reason of: another one may do. */
const OF_THE_CANDIDATE: readonly string[] = ['TARGET_UNSUITABLE', 'TARGET_PROTECTED'];

/**
 * Resolves and draws the targets and drafts every occurrence. Where something drawn cannot take a fault, the draw is
 * made again without it, by the same lots: what is hit was drawn among those that can take it.
 */
export async function drawAndDraft(request: Drawing): Promise<DrawnPlan> {
  const {targets: found, refusals} = await resolveTargets(request.experiment, request);
  const unresolved = [...refusals, ...tooManyChanges(request.experiment, found)];
  if (unresolved.length > 0) return {targets: found, planned: [], unresolved, undrafted: []};
  let targets: Targets = found;
  for (;;) {
    const {planned, failed} = await draftAll(request, targets);
    const undrafted = failed.map(({error}) => error);
    const unfit = await findUnfit(request, targets, failed);
    if (unfit.size === 0) return {targets, planned, unresolved: [], undrafted};
    try {
      targets = new Map([...targets].map(([name, one]) => [name, withoutUnfit(one, unfit.get(name) ?? new Map())]));
    } catch (error) {
      if (!(error instanceof FiredrillError)) throw error;
      return {targets, planned, unresolved: [], undrafted: [error]};
    }
  }
}

/** What would be drafted is counted before it is. */
function tooManyChanges(experiment: Experiment, targets: Targets): readonly FiredrillError[] {
  const occurrences = occurrencesOf(experiment);
  const hitBy = (names: readonly string[]) =>
    Math.max(
      1,
      names.reduce((sum, name) => sum + (targets.get(name)?.hit.length ?? 0), 0),
    );
  const changes = occurrences.reduce((sum, {fault}) => sum + hitBy(fault.targets), 0);
  if (changes <= MOST_CHANGES) return [];
  return [
    new FiredrillError(
      'CHANGES_TOO_MANY',
      `Expected at most ${MOST_CHANGES} changes: nobody looks through more before agreeing; ${occurrences.length} injections make ${changes} on their targets.`,
      {hint: 'Hit fewer targets, or make fewer `steps` or repeats.'},
    ),
  ];
}

async function draftAll(request: Drawing, targets: Targets): Promise<Drafted> {
  const {experiment} = request;
  const times = new Map(describeTimeline(experiment).rows.map(row => [row.occurrence.id, row]));
  const planned: PlannedFault[] = [];
  const failed: {fault: PlannedFault; error: FiredrillError}[] = [];
  for (const occurrence of occurrencesOf(experiment)) {
    const {groups, hit, byTarget} = await targetsOf(occurrence, targets, request);
    const {nature} = await request.ports.fault(occurrence.fault.fault);
    const {startMs = 0, endMs = 0} = times.get(occurrence.id) ?? {};
    const about = {occurrence, nature, byTarget, startMs, endMs};
    try {
      const changes = await draftOccurrence(occurrence, groups, {...request, targets});
      planned.push({...about, hit: withReached(hit, changes), changes});
    } catch (error) {
      const fault = {...about, hit, changes: []};
      planned.push(fault);
      failed.push({fault, error: asRefusal(error, occurrence)});
    }
  }
  return {planned, failed};
}

/** The targets, and whom their changes hit beside them. */
function withReached(hit: readonly Candidate[], changes: readonly LocatedChange[]): readonly Candidate[] {
  const known = new Map(hit.map(one => [one.ref.object, one]));
  for (const one of changes.flatMap(({change}) => change.reaches ?? [])) {
    if (!known.has(one.ref.object)) known.set(one.ref.object, one);
  }
  return [...known.values()];
}

function asRefusal(error: unknown, occurrence: Occurrence): FiredrillError {
  if (error instanceof FiredrillError) return error;
  return new FiredrillError(
    'TARGET_UNSUITABLE',
    `\`${occurrence.label}\` could not be drafted: ${describeError(error)}`,
    {cause: error},
  );
}

/**
 * By target and object: why those that were drawn cannot take the fault. Only of draws: what is hit by name is not
 * exchanged.
 */
async function findUnfit(
  request: Drawing,
  targets: Targets,
  failed: Drafted['failed'],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const unfit = new Map<string, Map<string, string>>();
  for (const {fault, error} of failed) {
    if (!OF_THE_CANDIDATE.includes(error.code)) continue;
    for (const {target, hit} of fault.byTarget) {
      const {name, select} = target.spec;
      if (select === undefined || select.mode === 'all') continue;
      const known = unfit.get(name) ?? new Map<string, string>();
      for (const {ref} of hit.filter(one => !known.has(one.ref.object))) {
        const why = await whyNot(() =>
          draftOccurrence(fault.occurrence, [{target, refs: [ref]}], {...request, targets}),
        );
        if (why !== undefined) unfit.set(name, known.set(ref.object, why));
      }
    }
  }
  return unfit;
}

async function whyNot(draft: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await draft();
    return undefined;
  } catch (error) {
    return error instanceof FiredrillError && OF_THE_CANDIDATE.includes(error.code) ? error.message : undefined;
  }
}
