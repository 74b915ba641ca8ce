import {isDeepStrictEqual} from 'node:util';
import type {Json} from '../../quantities/json.js';
import {describeError} from '../../system/error.js';
import type {Applied, Debt, Op, Proof, TargetRef, Undo} from '../contract.js';
import type {Sent, Standing} from './port.js';

/** What tells how an undo stands, for drivers that read one target at a time. Each may reject. */
export interface Reads {
  /** Whether what the undo is about still exists: the incarnation, or for undos that outlive it the object. */
  exists(ref: TargetRef, lifetime: Undo['lifetime']): Promise<boolean>;
  /** The value the target carries now; only asked for undos with `restore`. */
  value?(undo: Undo): Promise<Json>;
  prove(op: Op): Promise<Proof>;
}

/** How the undo stands: whether its target exists, what value it carries, what its proof says. */
export async function standingBy(reads: Reads, undo: Undo): Promise<Standing> {
  if (!(await reads.exists(undo.ref, undo.lifetime)))
    return {
      state: 'gone',
      detail: undo.lifetime === 'incarnation' ? 'the target ended or was restarted' : 'the target is gone',
    };
  if (undo.restore !== undefined && reads.value !== undefined) return restored(undo.restore, await reads.value(undo));
  const {state, why, readings} = await reads.prove(undo.proof);
  if (state === 'absent') return {state: 'nothing'};
  if (state === 'unknown') return {state: 'unreadable', why: why ?? 'it does not show'};
  return {state: 'owed', shows: why ?? `the target shows ${JSON.stringify(readings)}`};
}

/** By the value that is there now. */
export function restored({was, ours}: NonNullable<Undo['restore']>, now: Json): Standing {
  if (isDeepStrictEqual(now, was)) return {state: 'nothing'};
  const shows = `it reads ${JSON.stringify(now)}`;
  if (isDeepStrictEqual(now, ours)) return {state: 'owed', shows};
  return {state: 'superseded', detail: `${shows}, which is neither what was there before nor what was set`};
}

/** Removes marks one by one; answers why one stays, by debt. */
export async function eachUnmarked(
  debts: readonly Debt[],
  unmark: (debt: Debt) => Promise<void>,
): Promise<ReadonlyMap<string, string>> {
  const stuck = new Map<string, string>();
  for (const debt of debts)
    await unmark(debt).catch((error: unknown) =>
      stuck.set(debt.id, `its mark could not be removed: ${describeError(error)}`),
    );
  return stuck;
}

/** What an operation's answer says of an undo. */
export function sentBy({state, why}: Applied): Sent {
  if (state === 'done') return {state};
  return {state: state === 'refused' ? state : 'failed', why: why ?? 'the target refused the undo'};
}
