import {isDeepStrictEqual} from 'node:util';
import type {Json} from '../../quantities/json.js';
import type {Clock} from '../../system/clock.js';
import {describeError} from '../../system/error.js';
import type {Applied, Debt, Fence, Op, Proof, Settled, TargetRef, Undo} from '../contract.js';

/** What settling needs from a driver. Reads may reject (the outcome is then `unknown`); `carryOut` answers. */
export interface SettlingWorld {
  /** `docker@1`: debts of another driver or version are not touched. */
  readonly driver: string;
  readonly endpoint: string;
  readonly fence: Fence;
  readonly clock: Clock;
  /** Whether what the undo is about still exists: the incarnation, or for undos that outlive it the object. */
  exists(ref: TargetRef, lifetime: Undo['lifetime']): Promise<boolean>;
  /** The value the target carries now; only asked for undos with `restore`. */
  value?(undo: Undo): Promise<Json>;
  prove(op: Op): Promise<Proof>;
  carryOut(op: Op, budgetMs: number): Promise<Applied>;
  /** The run that holds the target by a mark while this debt has none there; undefined otherwise. */
  heldByOther(debt: Debt): Promise<string | undefined>;
  /** Removes the mark of this debt; does nothing when it is gone already. */
  unmark(debt: Debt): Promise<void>;
}

type Outcome = {readonly outcome: 'undone' | 'already' | 'gone' | 'superseded'; readonly detail?: string};
type Trouble = {readonly outcome: 'failed' | 'unknown'; readonly why: string};

/** How often the target is read again while an undo that was carried out does not show yet, ms. */
const VERIFY_EVERY_MS = 50;

/**
 * Settles one debt: is there anything left, undo it, verify on the target, remove the mark. The mark stays while the undo
 * is not verified. Safe to repeat, and to do twice at a time where the driver's operations are.
 */
export async function settleDebt(world: SettlingWorld, debt: Debt, budgetMs: number): Promise<Settled> {
  const deadline = world.clock.mono() + budgetMs * 1000;
  const answer = await attempt(world, debt, deadline).catch((error: unknown): Trouble => {
    return {outcome: 'unknown', why: describeError(error)};
  });
  const head = {debt: debt.id, at: world.clock.now()};
  if ('why' in answer) return {...head, ...answer, manual: debt.undo.manual};
  return {...head, ...answer};
}

async function attempt(world: SettlingWorld, debt: Debt, deadline: number): Promise<Outcome | Trouble> {
  const refusal = refuse(world, debt);
  if (refusal !== undefined) return {outcome: 'failed', why: refusal};
  const holder = await world.heldByOther(debt);
  if (holder !== undefined)
    return {outcome: 'already', detail: `the target belongs to run \`${holder}\`: this debt was never acted on`};
  const nothingLeft = await alreadyOver(world, debt.undo);
  const outcome = nothingLeft ?? (await undo(world, debt.undo, deadline));
  if ('why' in outcome) return outcome;
  try {
    await world.unmark(debt);
  } catch (error) {
    return {
      outcome: 'failed',
      why: `the undo is verified (${outcome.outcome}), but its mark is not removed: ${describeError(error)}`,
    };
  }
  return outcome;
}

function refuse(world: SettlingWorld, debt: Debt): string | undefined {
  if (debt.driver !== world.driver)
    return `expected a debt of \`${world.driver}\`; got one of \`${debt.driver}\`: settle it with the version that wrote it`;
  if (debt.undo.ref.endpoint !== world.endpoint)
    return `the debt belongs to endpoint \`${debt.undo.ref.endpoint}\`; this is \`${world.endpoint}\``;
  return world.fence.live() ? undefined : 'this run was taken over by someone else, who settles its debts';
}

/** Whether nothing is left to undo; undefined when there is something. */
async function alreadyOver(world: SettlingWorld, owed: Undo): Promise<Outcome | Trouble | undefined> {
  if (!(await world.exists(owed.ref, owed.lifetime)))
    return {
      outcome: 'gone',
      detail: owed.lifetime === 'incarnation' ? 'the target ended or was restarted' : 'the target is gone',
    };
  if (owed.restore !== undefined && world.value !== undefined) {
    const now = await world.value(owed);
    if (isDeepStrictEqual(now, owed.restore.was)) return {outcome: 'already'};
    if (!isDeepStrictEqual(now, owed.restore.ours))
      return {outcome: 'superseded', detail: `someone else set it to ${JSON.stringify(now)} meanwhile`};
    return undefined;
  }
  const before = await world.prove(owed.proof);
  if (before.state === 'absent') return {outcome: 'already'};
  return undefined;
}

async function undo(world: SettlingWorld, owed: Undo, deadline: number): Promise<Outcome | Trouble> {
  const left = () => Math.max(0, (deadline - world.clock.mono()) / 1000);
  const applied = await world.carryOut(owed, left());
  for (;;) {
    const proof = await world.prove(owed.proof);
    if (proof.state === 'absent') return {outcome: 'undone'};
    if (applied.state === 'refused' || left() === 0) {
      const why = applied.why ?? proof.why ?? 'it was carried out, but the target does not show it';
      return {outcome: proof.state === 'in-force' ? 'failed' : 'unknown', why};
    }
    await world.clock.sleep(Math.min(VERIFY_EVERY_MS, left()));
  }
}
