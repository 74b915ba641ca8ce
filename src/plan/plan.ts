import type {NotifierSpec} from '../notifiers/spec.js';
import type {Experiment} from '../experiment/experiment.js';
import {alertSources} from '../experiment/alerts.js';
import {aroundMs, describeTimeline, type Occurrence} from '../experiment/timeline.js';
import {FiredrillError} from '../system/error.js';
import {exampleRequests, type RequestExample} from '../signals/load/example.js';
import {blastRadiusProblems, distinctTargets, type Reach} from './blast-radius.js';
import {seededRandom} from '../quantities/random.js';
import {switchbackOrder} from '../statistics/designs/switchback.js';
import type {PlannedOccurrence} from '../record/events.js';
import type {LocatedChange} from '../targets/contract.js';
import type {TargetRef} from '../targets/target.js';
import type {Ports} from '../ports.js';
import type {Readers} from '../targets/readers.js';
import {draftAround, type Around} from './around.js';
import type {PlannedFault} from './planned-fault.js';
import {probeContext} from './measures.js';
import {overlapProblems} from './claims.js';
import {controlProblems} from './control.js';
import {designWarnings, shortSecrets} from './design-warnings.js';
import {digestOf} from './digest.js';
import type {HitGroup} from './draft.js';
import {drawAndDraft, type Drawing} from './drawing.js';
import {looksOf, mostTotalMs, withGoOn} from './go-on.js';
import {drawOf, refreshed, targetsOf} from './groups.js';
import {decidedNow, named, type ResolvedTarget} from './resolve.js';

/** A plan: what would be hit, how, and what speaks against it. Made by readers only. */
export interface Plan {
  readonly experiment: Experiment;
  readonly seed: number;
  /** Of the file, the targets and the changes: `--approved` compares it. */
  readonly digest: string;
  readonly targets: ReadonlyMap<string, ResolvedTarget>;
  readonly occurrences: readonly PlannedFault[];
  /** The commands before and after. */
  readonly around: Around;
  /** What must not be run, in the order found. */
  readonly refusals: readonly FiredrillError[];
  readonly warnings: readonly string[];
  /** Of every load whose requests differ from user to user. */
  readonly examples: readonly RequestExample[];
  /** When everything becomes as long as it may. */
  readonly totalMs: number;
  /** Who is told of the run. */
  readonly notify: readonly NotifierSpec[];
  /** All targets are processes that Firedrill starts itself: nobody needs to be asked. */
  readonly needsConsent: boolean;
}

export interface PlanRequest extends Drawing {
  readonly fileSha256: string;
  /** Why these targets cannot be hit now: by the name of each live run that means to hit one. */
  reservedElsewhere(targets: readonly TargetRef[]): Promise<ReadonlyMap<string, FiredrillError>>;
}

/**
 * Plans an experiment: resolves targets, drafts every change, checks blast radius, claims, reversibility and
 * left-overs. Only reads. Collects refusals instead of throwing; throws only what is a bug.
 */
export function planExperiment(request: PlanRequest): Promise<Plan> {
  const mayGoOn = request.experiment.windows.goOnMs !== undefined;
  return planDrawn({...request, experiment: drawn(withGoOn(request.experiment), request.seed)}, mayGoOn);
}

/** The experiment with the order of its switchback, drawn from the seed: plan, run and verdict see the same one. */
function drawn(experiment: Experiment, seed: number): Experiment {
  const {switchback} = experiment;
  if (switchback === undefined) return experiment;
  return {...experiment, switchback: {...switchback, order: switchbackOrder(switchback.blocks, seededRandom(seed))}};
}

async function planDrawn(request: PlanRequest, mayGoOn: boolean): Promise<Plan> {
  const {experiment, seed} = request;
  const {targets, planned, unresolved, undrafted} = await drawAndDraft(request);
  const around = await draftAround(experiment, request);
  const locks = await leftOvers(request, planned, around);
  // A target that another run holds cannot be drafted for because of that run's fault: only the lock is worth saying.
  const refusals = [...unresolved, ...(locks.length > 0 ? [] : undrafted)];
  refusals.push(
    ...blastRadiusProblems(reachesOf(planned), experiment.safety),
    ...overlapProblems(describeTimeline(experiment).overlaps, planned),
    ...irreversibleProblems(experiment, planned),
    ...controlProblems(experiment, targets, planned),
    ...locks,
  );
  return {
    experiment,
    seed,
    digest: digestOf(request.fileSha256, {planned, around}, experiment),
    targets,
    occurrences: planned,
    around,
    refusals: distinct(refusals),
    warnings: [
      ...designWarnings(experiment, {natures: planned.map(({nature}) => nature), mayGoOn}),
      ...shortSecrets(experiment, request.ports.ambient.environment),
      ...(await warningsOf(request, targets)),
      ...(await alertWarningsOf(request, targets)),
    ],
    examples: await exampleRequests(Object.values(experiment.load)),
    totalMs: mostTotalMs(experiment) + aroundMs(experiment),
    notify: experiment.notify ?? [],
    needsConsent:
      around.prepare.length + around.cleanup.length > 0 ||
      planned.some(({byTarget}) => byTarget.length === 0 || byTarget.some(({target}) => !target.provision)),
  };
}

/** Repeats and steps say the same thing again and again: once is enough. */
function distinct(refusals: readonly FiredrillError[]): readonly FiredrillError[] {
  return [...new Map(refusals.map(refusal => [refusal.message, refusal])).values()];
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

/**
 * Where `where` decides anew at each injection, another one may be true each time: as many others as are hit again by
 * the plan.
 */
function othersOf(
  {among = []}: ResolvedTarget,
  before: readonly TargetRef[],
  now: readonly TargetRef[],
): readonly TargetRef[] {
  const [known, hit] = [before, now].map(refs => new Set(refs.map(({object}) => object)));
  const again = now.filter(({object}) => known?.has(object) === true).length;
  const others = among.filter(({ref}) => known?.has(ref.object) !== true && hit?.has(ref.object) !== true);
  return others.slice(0, again).map(({ref}) => ref);
}

/** How many targets are hit at most: where `where` decides, not all among which it may choose. */
export function mostHit(planned: readonly PlannedFault[]): number {
  return distinctTargets(reachesOf(planned).flatMap(({hit}) => hit)).size;
}

/** What all occurrences together hit through each selector. */
function reachesOf(planned: readonly PlannedFault[]): readonly Reach[] {
  const reaches = new Map<string, Reach>();
  for (const {byTarget, changes} of planned) {
    const beside = changes.flatMap(({change}) => change.reaches ?? []);
    for (const {target, hit} of byTarget) {
      const {name} = target.spec;
      const before = reaches.get(name)?.hit ?? [];
      const refs = [...hit, ...beside].map(({ref}) => ref);
      const all = [...before, ...refs];
      reaches.set(name, {name, candidates: target.candidates, hit: [...all, ...othersOf(target, before, refs)]});
    }
  }
  return [...reaches.values()];
}

/** Targets on which another run owes something are locked, and so are those that a live one is going to hit. */
async function leftOvers(
  request: PlanRequest,
  planned: readonly PlannedFault[],
  {prepare, cleanup}: Around,
): Promise<readonly FiredrillError[]> {
  const refs = planned.flatMap(({hit}) => hit.map(({ref}) => ref));
  const steps = [...prepare, ...cleanup].map(({change}) => change.target);
  const objects = new Set([...refs, ...steps].map(({object}) => object));
  const readers = new Set(planned.flatMap(({byTarget}) => byTarget.map(({target}) => target.reader)));
  if (steps.length > 0) readers.add(await request.readers.get('command', {}));
  const debts = await Promise.all([...readers].map(reader => reader.debts(undefined, request.signal)));
  const live = await request.reservedElsewhere(refs);
  const owed = debts.flat().filter(({run, undo}) => objects.has(undo.ref.object) && !live.has(run));
  return [
    ...live.values(),
    ...owed.map(
      ({run, undo}) =>
        new FiredrillError(
          'TARGET_LOCKED',
          `\`${undo.ref.name}\` is locked: run \`${run}\` still owes \`${undo.op}\` on it.`,
          {hint: `If that run is over: firedrill recover ${run}`},
        ),
    ),
  ];
}

/** What the alerts of the file say now; what reads them is loaded only where it names some. */
async function alertWarningsOf(
  {experiment, ports, signal}: PlanRequest,
  targets: ReadonlyMap<string, ResolvedTarget>,
): Promise<readonly string[]> {
  if (alertSources(experiment).length === 0) return [];
  const {alertWarnings} = await import('./alerts.js');
  const startsFirst = experiment.prepare !== undefined || [...targets.values()].some(target => target.provision);
  return alertWarnings(experiment, probeContext(experiment, targets, ports), {startsFirst, signal});
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
  return [...problems.flat(), ...shielded, ...leftOut(targets)];
}

/** Who took no part in a draw, and why; one sentence each. */
export function leftOut(targets: Plan['targets']): readonly string[] {
  return [...targets.values()].flatMap(({spec, candidates}) =>
    candidates.flatMap(({ref, unfit}) =>
      unfit === undefined ? [] : [`${ref.name} takes no part in the draw of \`${spec.name}\`: ${unfit}`],
    ),
  );
}

/** The plan's occurrences as the record keeps them. */
export function plannedOccurrences(plan: Plan): readonly PlannedOccurrence[] {
  return plan.occurrences.map(({occurrence, nature, hit, byTarget, changes}) => ({
    ...looksField(looksOf(occurrence, nature)),
    id: occurrence.id,
    fault: occurrence.fault.name,
    kind: occurrence.fault.fault,
    nature,
    heal: healsItself(occurrence, changes) ? 'platform' : 'undo',
    label: occurrence.label,
    forMs: occurrence.forMs,
    targets: presentTargets({hit, byTarget}),
    changes: changes.map(({change}) => change.summary),
    ...(occurrence.step === undefined ? {} : {step: occurrence.step}),
    ...(occurrence.block === undefined ? {} : {block: occurrence.block}),
  }));
}

/** What is hit if it is injected now: without those that `where` may choose instead. */
export function presentTargets({hit, byTarget}: Pick<PlannedFault, 'hit' | 'byTarget'>): readonly TargetRef[] {
  const instead = new Set(
    byTarget.flatMap(one =>
      (one.target.among ?? []).filter(({ref}) => !one.hit.some(now => now.ref.object === ref.object)),
    ),
  );
  return hit.filter(candidate => !instead.has(candidate)).map(({ref}) => ref);
}

/** One look, the planned end, is not worth a field. */
function looksField(looksMs: readonly number[]): Pick<PlannedOccurrence, 'looksMs'> {
  return looksMs.length > 1 ? {looksMs} : {};
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
  options: {
    readonly ports: Ports;
    readonly readers: Readers;
    readonly signal: AbortSignal;
    /** What was hit before is hit again: nothing is decided anew. */
    readonly again: boolean;
  },
): Promise<readonly HitGroup[]> {
  const {groups} = await targetsOf(occurrence, plan.targets, options);
  return Promise.all(
    groups.map(async group => {
      const target = [...plan.targets.values()].find(candidate => candidate === group.target);
      if (target === undefined) return group;
      if (target.among !== undefined && !options.again) {
        const hit = await decidedNow(target, {agreed: group.refs.length, draw: drawOf(occurrence)}, options.signal);
        return {...group, refs: hit.map(({ref}) => ref)};
      }
      const found = await target.reader.resolve(target.spec.selector, options.signal);
      const all = target.among === undefined ? group : {...group, refs: target.among.map(({ref}) => ref)};
      return refreshed(
        all,
        found.map(candidate => named(target.spec, candidate).ref),
      );
    }),
  );
}
