import type {JsonObject} from '../../quantities/json.js';
import {compilePattern} from '../../quantities/pattern.js';
import {describeError} from '../../system/error.js';
import {commandLine, identityOf, isAlive, type ProcessIdentity} from '../../system/processes.js';
import {
  descriptorsOf,
  inheritors,
  isExhausted,
  limitLeaving,
  limitsOf,
  setSoftLimit,
  standingOf,
  type Lowered,
} from './descriptors.js';

/** What is asked of the limits. */
export interface LoweringRequest {
  readonly leave: number;
  readonly limit: number | undefined;
  /** Regular expression for command lines. */
  readonly processes: string | undefined;
}

/** The words of the value that an undo compares. */
export const LOWERED = 'lowered';
export const AS_BEFORE = 'as before';

/** What the process has now; nothing where it has ended meanwhile. @throws where it may not be looked into. */
async function lookInto(who: ProcessIdentity) {
  try {
    return {soft: limitsOf(who.pid).soft, open: descriptorsOf(who.pid)};
  } catch (error) {
    if (await isAlive(who)) throw error;
    return undefined;
  }
}

/**
 * Which of these processes are covered and what each one's limit becomes; those whose limit is lower already are left
 * out.
 */
export async function coverProcesses(pids: readonly number[], request: LoweringRequest): Promise<readonly Lowered[]> {
  const {leave, limit, processes} = request;
  const pattern = processes === undefined ? undefined : compilePattern(processes);
  const found: Lowered[] = [];
  for (const pid of pids) {
    const who = await identityOf(pid);
    if (who === undefined) continue;
    if (pattern !== undefined && !pattern.test((await commandLine(pid)).join(' '))) continue;
    const seen = await lookInto(who);
    if (seen === undefined) continue;
    const {soft} = seen;
    const ours = limit ?? limitLeaving(seen.open, leave);
    if (soft === 'unlimited' || ours < Number(soft)) found.push({...who, was: soft, ours});
  }
  return found;
}

export function coveredArguments(covered: readonly Lowered[]): JsonObject {
  return {covered: covered.map(({pid, startTicks, boot, was, ours}) => ({pid, startTicks, boot, was, ours}))};
}

/** Our own words, read back from an operation's arguments. */
export function coveredFrom(args: JsonObject): readonly Lowered[] {
  return (args['covered'] ?? []) as unknown as readonly Lowered[];
}

/**
 * Lowers each that still has what it had; answers why nothing was lowered.
 * @throws where one could not be, once all were tried.
 */
export async function lower(covered: readonly Lowered[]): Promise<string | undefined> {
  const waiting = covered.filter(one => standingOf(one) === AS_BEFORE);
  const done = await Promise.allSettled(waiting.map(one => setSoftLimit(one, String(one.ours))));
  const failed = done.filter(answer => answer.status === 'rejected');
  if (failed.length > 0) throw new AggregateError(failed, failed.map(({reason}) => describeError(reason)).join('; '));
  if (covered.some(one => standingOf(one) === 'ours')) return undefined;
  return 'none of the processes is there any more with the limit that it had';
}

/** Gives each that still carries our limit its own back, and those that inherited it meanwhile. */
export async function putBack(covered: readonly Lowered[], members: readonly number[]): Promise<undefined> {
  for (const one of [...covered, ...inheritors(covered, members)]) {
    if (standingOf(one) === 'ours') await setSoftLimit(one, one.was);
  }
}

/** How the covered processes stand together, with those among `members` that inherited our limit. */
export function lowering(covered: readonly Lowered[], members: readonly number[] = []) {
  const alive = covered.flatMap(one => {
    const standing = standingOf(one);
    return standing === undefined ? [] : [{...one, standing}];
  });
  const lowered = [...alive.filter(({standing}) => standing === 'ours'), ...inheritors(covered, members)];
  const others = alive.filter(({standing}) => standing === 'other');
  const isForeign = alive.length > 0 && others.length === alive.length;
  return {
    lowered,
    all: alive.length,
    /** Processes that are at their limit now. */
    exhausted: lowered.filter(({pid, ours}) => isExhausted(pid, ours)).length,
    value:
      lowered.length > 0
        ? LOWERED
        : isForeign
          ? others.map(({pid}) => `pid ${pid}: ${limitsOf(pid).soft}`).join(', ')
          : AS_BEFORE,
  };
}
