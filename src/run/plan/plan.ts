import type {Experiment} from '../../experiment/experiment.js';
import {decidesByDeviation} from '../../experiment/deciding.js';
import {describeTimeline, occurrencesOf, type Occurrence} from '../../experiment/timeline.js';
import {FiredrillError, describeError} from '../../system/error.js';
import {blastRadiusProblems, type Reach} from '../../targets/blast-radius.js';
import {seededRandom} from '../../system/random.js';
import {switchbackOrder} from '../../verdict/judgement/designs/switchback.js';
import type {PlannedOccurrence} from '../record/events.js';
import type {LocatedChange} from '../phases/house.js';
import type {Ports} from '../ports.js';
import type {Readers} from '../safety/connections.js';
import type {PlannedFault} from './planned-fault.js';
import {overlapProblems} from './claims.js';
import {controlProblems} from './control.js';
import {designWarnings} from './design-warnings.js';
import {digestOf} from './digest.js';
import {draftOccurrence, type HitGroup} from './draft.js';
import {refreshed, targetsOf} from './groups.js';
import {windowWarnings} from './measures.js';
import {mostTotalMs} from './resize.js';
import {named, resolveTargets, type ResolvedTarget} from './resolve.js';

/** A plan: what would be hit, how, and what speaks against it. Made by readers only. */
export interface Plan {
  readonly experiment: Experiment;
  readonly seed: number;
  /** Of the file, the targets and the changes: `--approved` compares it. */
  readonly digest: string;
  readonly targets: ReadonlyMap<string, ResolvedTarget>;
  readonly occurrences: readonly PlannedFault[];
  /** What must not be run, in the order found. */
  readonly refusals: readonly FiredrillError[];
  readonly warnings: readonly string[];
  /** With `resizeMs`: when everything becomes as long as it may. */
  readonly totalMs: number;
  /** How long baseline and injections may become (`--resize`); undefined: they stay as they are. */
  readonly resizeMs?: number;
  /** All targets are processes that Firedrill starts itself: nobody needs to be asked. */
  readonly needsConsent: boolean;
}

export interface PlanRequest {
  readonly experiment: Experiment;
  readonly fileSha256: string;
  readonly ports: Ports;
  readonly readers: Readers;
  readonly seed: number;
  readonly resizeMs?: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Plans an experiment: resolves targets, drafts every change, checks blast radius, claims, reversibility and left-overs. Only reads.
 * Collects refusals instead of throwing; throws only what is a bug.
 */
export function planExperiment(request: PlanRequest): Promise<Plan> {
  return planDrawn({...request, experiment: drawn(request.experiment, request.seed)});
}

/** The experiment with the order of its switchback, drawn from the seed: plan, run and verdict see the same one. */
function drawn(experiment: Experiment, seed: number): Experiment {
  const {switchback} = experiment;
  if (switchback === undefined) return experiment;
  return {...experiment, switchback: {...switchback, order: switchbackOrder(switchback.blocks, seededRandom(seed))}};
}

async function planDrawn(request: PlanRequest): Promise<Plan> {
  const {experiment, seed} = request;
  // Only what is decided by its deviation asks for more time.
  const resizeMs = experiment.steadyState.some(decidesByDeviation) ? request.resizeMs : undefined;
  const resolved = await resolveTargets(experiment, request);
  const drafting: FiredrillError[] = [];
  const planned = resolved.refusals.length > 0 ? [] : await draftAll(request, resolved.targets, drafting);
  const locks = await leftOvers(request, planned);
  // A target that another run holds cannot be drafted for because of that run's fault: only the lock is worth saying.
  const refusals = [...resolved.refusals, ...(locks.length > 0 ? [] : drafting)];
  refusals.push(
    ...blastRadiusProblems(reachesOf(planned), experiment.safety),
    ...overlapProblems(describeTimeline(experiment).overlaps, planned),
    ...irreversibleProblems(experiment, planned),
    ...controlProblems(experiment, resolved.targets, planned),
    ...locks,
  );
  return {
    experiment,
    seed,
    digest: digestOf(request.fileSha256, planned, resizeMs),
    targets: resolved.targets,
    occurrences: planned,
    refusals: distinct(refusals),
    warnings: [
      ...windowWarnings(experiment),
      ...designWarnings(experiment, request.resizeMs),
      ...(await warningsOf(request, resolved.targets)),
    ],
    totalMs: resizeMs === undefined ? describeTimeline(experiment).totalMs : mostTotalMs(experiment, resizeMs),
    ...(resizeMs === undefined ? {} : {resizeMs}),
    needsConsent: planned.some(({byTarget}) => byTarget.length === 0 || byTarget.some(({target}) => !target.provision)),
  };
}

async function draftAll(
  request: PlanRequest,
  targets: ReadonlyMap<string, ResolvedTarget>,
  refusals: FiredrillError[],
): Promise<readonly PlannedFault[]> {
  const {experiment} = request;
  const times = new Map(describeTimeline(experiment).rows.map(row => [row.occurrence.id, row]));
  const planned: PlannedFault[] = [];
  for (const occurrence of occurrencesOf(experiment)) {
    const {groups, hit, byTarget} = await targetsOf(occurrence, targets, request);
    const fault = await request.ports.fault(occurrence.fault.fault);
    let changes: readonly LocatedChange[] = [];
    try {
      changes = await draftOccurrence(occurrence, groups, {...request, targets});
    } catch (error) {
      refusals.push(asRefusal(error, occurrence));
    }
    const row = times.get(occurrence.id);
    planned.push({
      occurrence,
      nature: fault.nature,
      hit,
      byTarget,
      changes,
      startMs: row?.startMs ?? 0,
      endMs: row?.endMs ?? 0,
    });
  }
  return planned;
}

/** Repeats and steps say the same thing again and again: once is enough. */
function distinct(refusals: readonly FiredrillError[]): readonly FiredrillError[] {
  return [...new Map(refusals.map(refusal => [refusal.message, refusal])).values()];
}

function asRefusal(error: unknown, occurrence: Occurrence): FiredrillError {
  if (error instanceof FiredrillError) return error;
  return new FiredrillError(
    'TARGET_UNSUITABLE',
    `\`${occurrence.label}\` could not be drafted: ${describeError(error)}`,
    {cause: error},
  );
}

function irreversibleProblems(experiment: Experiment, planned: readonly PlannedFault[]): readonly FiredrillError[] {
  if (experiment.safety.irreversible === 'allow') return [];
  return planned.flatMap(({occurrence, changes}) =>
    changes.flatMap(({change}) =>
      'irreversible' in change.undo
        ? [
            new FiredrillError(
              'IRREVERSIBLE',
              `\`${occurrence.label}\` on \`${change.target.name}\` could not be put back: ${change.undo.irreversible}.`,
              {
                hint: 'Choose another target, or allow it in the file: safety: { irreversible: allow }.',
              },
            ),
          ]
        : [],
    ),
  );
}

/** What all occurrences together hit through each selector. */
function reachesOf(planned: readonly PlannedFault[]): readonly Reach[] {
  const reaches = new Map<string, Reach>();
  for (const {target, hit} of planned.flatMap(fault => fault.byTarget)) {
    const {name} = target.spec;
    const before = reaches.get(name)?.hit ?? [];
    reaches.set(name, {name, candidates: target.candidates, hit: [...before, ...hit.map(({ref}) => ref)]});
  }
  return [...reaches.values()];
}

/** Targets on which another run owes something are locked. */
async function leftOvers(request: PlanRequest, planned: readonly PlannedFault[]): Promise<readonly FiredrillError[]> {
  const objects = new Set(planned.flatMap(({hit}) => hit.map(({ref}) => ref.object)));
  const readers = new Set(planned.flatMap(({byTarget}) => byTarget.map(({target}) => target.reader)));
  const debts = await Promise.all([...readers].map(reader => reader.debts(undefined, request.signal)));
  return debts
    .flat()
    .filter(debt => objects.has(debt.undo.ref.object))
    .map(
      ({run, undo}) =>
        new FiredrillError(
          'TARGET_LOCKED',
          `\`${undo.ref.name}\` is locked: run \`${run}\` still owes \`${undo.op}\` on it.`,
          {
            hint: `If that run is over: firedrill recover ${run}`,
          },
        ),
    );
}

async function warningsOf(
  request: PlanRequest,
  targets: ReadonlyMap<string, ResolvedTarget>,
): Promise<readonly string[]> {
  const readers = new Set([...targets.values()].map(target => target.reader));
  const problems = await Promise.all([...readers].map(reader => reader.problems(request.signal)));
  const shielded = [...targets.values()].flatMap(target =>
    target.protected.map(
      candidate => `${candidate.ref.name} is protected and never hit: ${candidate.protectedBy ?? ''}`,
    ),
  );
  return [...problems.flat(), ...shielded];
}

/** The plan's occurrences as the record keeps them. */
export function plannedOccurrences(plan: Plan): readonly PlannedOccurrence[] {
  return plan.occurrences.map(({occurrence, nature, hit, changes}) => ({
    id: occurrence.id,
    fault: occurrence.fault.name,
    kind: occurrence.fault.fault,
    nature,
    heal: healsItself(occurrence, changes) ? 'platform' : 'undo',
    label: occurrence.label,
    forMs: occurrence.forMs,
    targets: hit.map(candidate => candidate.ref),
    changes: changes.map(({change}) => change.summary),
    ...(occurrence.step === undefined ? {} : {step: occurrence.step}),
    ...(occurrence.block === undefined ? {} : {block: occurrence.block}),
  }));
}

/** Whether the platform, not Firedrill, is expected to restore what this occurrence breaks. */
export function healsItself(occurrence: Occurrence, changes: readonly LocatedChange[]): boolean {
  const {heal} = occurrence.fault;
  if (heal !== 'default') return heal === 'platform';
  return changes.length > 0 && changes.every(({change}) => change.platformHeals === true);
}

/** The groups of an occurrence with their present incarnations: what is drafted right before the injection. */
export async function presentGroups(
  plan: Plan,
  occurrence: Occurrence,
  options: {readonly ports: Ports; readonly readers: Readers; readonly signal: AbortSignal},
): Promise<readonly HitGroup[]> {
  const {groups} = await targetsOf(occurrence, plan.targets, options);
  return Promise.all(
    groups.map(async group => {
      const target = [...plan.targets.values()].find(candidate => candidate === group.target);
      if (target === undefined) return group;
      const found = await target.reader.resolve(target.spec.selector, options.signal);
      return refreshed(
        group,
        found.map(candidate => named(target.spec, candidate).ref),
      );
    }),
  );
}
