import type {Experiment, TargetSpec} from '../experiment/experiment.js';
import type {JsonObject} from '../quantities/json.js';
import {compilePattern} from '../quantities/pattern.js';
import {FiredrillError} from '../system/error.js';
import {seededRandom} from '../quantities/random.js';
import type {Candidate, Reader} from '../targets/contract.js';
import {isFree, selectTargets} from './selection.js';
import type {Ports} from '../ports.js';
import type {Readers} from '../targets/readers.js';

/** One entry of `targets`, resolved: what was found, what is hit, and how its endpoint was reached. */
export interface ResolvedTarget {
  readonly spec: TargetSpec;
  readonly address: JsonObject;
  readonly reader: Reader;
  readonly candidates: readonly Candidate[];
  readonly hit: readonly Candidate[];
  /**
   * Where `where` decides: all that the selector found and that may be hit. It is asked again right before each
   * injection, and hits whoever of these it is true of then.
   */
  readonly among?: readonly Candidate[];
  readonly protected: readonly Candidate[];
  /** Firedrill starts it itself: planned by its command until then. */
  readonly provision: boolean;
  readonly seed: number;
}

async function keepMatching(
  spec: TargetSpec,
  reader: Reader,
  found: readonly Candidate[],
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const {where} = spec;
  if (where === undefined) return found;
  const pattern = compilePattern(where.matches, {lines: true});
  const kept = await Promise.all(
    found.map(
      async candidate =>
        candidate.protectedBy !== undefined || pattern.test(await reader.ask(candidate.ref, where.command, signal)),
    ),
  );
  return found.filter((_, i) => kept[i]);
}

/** What has no name of its own is known by the one that the file gives it. */
export function named(spec: TargetSpec, {unnamed, ...candidate}: Candidate): Candidate {
  if (unnamed !== true) return candidate;
  const {ref} = candidate;
  // What is known by its pid alone may be one of several.
  const pid = /^pid:(\d+):/.exec(ref.object)?.[1];
  return {...candidate, ref: {...ref, name: pid === undefined ? spec.name : `${spec.name} (pid ${pid})`}};
}

/** What says how a process is started again, not which one it is. */
const STARTING = ['start', 'cwd', 'environment', 'ready', 'readyWithinMs', 'supervised'];

/** The selector, in words close to those of the file. */
function lookedFor({driver, selector}: TargetSpec): string {
  const told = Object.entries(selector).filter(([key]) => !STARTING.includes(key));
  return `${driver}: ${JSON.stringify(Object.fromEntries(told))}`;
}

function drawn(spec: TargetSpec, candidates: readonly Candidate[], seed: number): readonly Candidate[] {
  const random = seededRandom(seed);
  return selectTargets({name: spec.name, candidates, select: spec.select, random, lookedFor: lookedFor(spec)}).hit;
}

/**
 * The same target, drawn by the same lots among the others; `unfit` says by object why one cannot take a fault.
 * @throws FiredrillError when too few are left
 */
export function withoutUnfit(target: ResolvedTarget, unfit: ReadonlyMap<string, string>): ResolvedTarget {
  if (unfit.size === 0) return target;
  const candidates = target.candidates.map(one => {
    const why = unfit.get(one.ref.object);
    return why === undefined ? one : {...one, unfit: why};
  });
  return {...target, candidates, hit: drawn(target.spec, candidates, target.seed)};
}

/**
 * Finds the candidates of one selector, keeps those that answer `where`, and draws what is hit.
 * @throws FiredrillError when nothing matches, the choice is ambiguous, or the endpoint cannot be reached.
 */
export async function resolveTarget(
  spec: TargetSpec,
  options: {readonly ports: Ports; readonly readers: Readers; readonly seed: number; readonly signal: AbortSignal},
): Promise<ResolvedTarget> {
  const {ports, readers, signal} = options;
  const driver = await ports.driver(spec.driver);
  const address = driver.address(spec.selector, ports.ambient);
  const reader = await readers.get(spec.driver, address);
  const found = (await reader.resolve(spec.selector, signal)).map(candidate => named(spec, candidate));
  const candidates = await keepMatching(spec, reader, found, signal);
  const ownSeed = spec.select !== undefined && 'seed' in spec.select ? spec.select.seed : undefined;
  const seed = ownSeed ?? options.seed;
  return {
    spec,
    address,
    reader,
    candidates,
    hit: drawn(spec, candidates, seed),
    ...(spec.where === undefined ? {} : {among: found.filter(isFree)}),
    seed,
    protected: candidates.filter(candidate => candidate.protectedBy !== undefined),
    provision: driver.provisions?.(spec.selector) === true,
  };
}

/** What may be hit through this selector: what was drawn, or all among which `where` decides at the injection. */
export function mayHit({among, hit}: Pick<ResolvedTarget, 'among' | 'hit'>): readonly Candidate[] {
  return among ?? hit;
}

/**
 * Asks `where` again, and draws again among those that it is true of now.
 * @throws FiredrillError when it is true of none, of more than were agreed to, or of one that was not among those
 */
export async function decidedNow(
  target: ResolvedTarget,
  lots: {readonly agreed: number; readonly draw: number},
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const {spec, reader, seed} = target;
  const found = (await reader.resolve(spec.selector, signal)).map(candidate => named(spec, candidate));
  const hit = drawn(spec, await keepMatching(spec, reader, found, signal), seed + lots.draw);
  const known = new Set(mayHit(target).map(({ref}) => ref.object));
  const news = hit.filter(({ref}) => !known.has(ref.object));
  const names = (all: readonly Candidate[]) => all.map(({ref}) => `\`${ref.name}\``).join(', ');
  if (news.length > 0)
    throw new FiredrillError(
      'TARGET_UNSUITABLE',
      `\`where\` of \`${spec.name}\` is true of ${names(news)} now, which the plan has not seen.`,
    );
  if (hit.length <= lots.agreed) return hit;
  throw new FiredrillError(
    'TARGET_TOO_MANY',
    `\`where\` of \`${spec.name}\` is true of ${names(hit)} now; the plan agreed to hit ${lots.agreed}.`,
  );
}

/**
 * Resolves every target of the file once. Answers for all of them: what was found, and the reasons where nothing was.
 */
export async function resolveTargets(
  experiment: Experiment,
  options: {readonly ports: Ports; readonly readers: Readers; readonly seed: number; readonly signal: AbortSignal},
): Promise<{targets: ReadonlyMap<string, ResolvedTarget>; refusals: readonly FiredrillError[]}> {
  const targets = new Map<string, ResolvedTarget>();
  const refusals: FiredrillError[] = [];
  for (const spec of Object.values(experiment.targets)) {
    try {
      targets.set(spec.name, await resolveTarget(spec, options));
    } catch (error) {
      if (!(error instanceof FiredrillError)) throw error;
      refusals.push(error);
    }
  }
  return {targets, refusals};
}
