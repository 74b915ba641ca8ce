import {describeError} from '../../system/error.js';
import type {Debt, Op, Settled} from '../../targets/contract.js';
import type {Ports} from '../../ports.js';
import type {RecordWriter} from '../../record/writer.js';
import type {Actuators} from './actuators.js';
import {byConnection, isPaid} from './debts.js';
import {withDeadline} from './with-deadline.js';

/** A request whose client is gone may still complete for this long; see Undo.inFlightMs. */
const IN_FLIGHT_MS = 5_000;

/** What settling needs; the same for the runner, the guardian and `recover`. */
export interface SafetyContext {
  readonly ports: Ports;
  readonly actuators: Actuators;
  readonly record: RecordWriter;
}

/** Waits between the attempts, ms: an undo is tried 1 + 4 times before it is called failed. */
const BACKOFF_MS = [200, 500, 1000, 2000] as const;

/** How long the longest of these may take by the limits of their author, ms. */
export function longestMs(ops: readonly Pick<Op, 'lastsMs'>[]): number {
  return Math.max(0, ...ops.map(({lastsMs = 0}) => lastsMs));
}

/**
 * The undo's own budget: it grows with the number of targets and with the limits that the file gives it, and never
 * depends on the fault's duration.
 */
export function undoBudgetMs(targets: number, undos: readonly Pick<Op, 'lastsMs'>[]): number {
  return 15_000 + 500 * targets + longestMs(undos);
}

function unknown(debts: readonly Debt[], why: string): readonly Settled[] {
  return debts.map(debt => ({debt: debt.id, outcome: 'unknown', why, manual: debt.undo.manual}));
}

/** One attempt for debts of one connection. Never throws; an actuator that does not keep its budget is answered for. */
async function attempt(context: SafetyContext, debts: readonly Debt[]): Promise<readonly Settled[]> {
  const [first] = debts;
  if (first === undefined) return [];
  const budgetMs = undoBudgetMs(
    debts.length,
    debts.map(({undo}) => undo),
  );
  const settling = context.actuators.forDebt(first).then(actuator => actuator.settle(debts, budgetMs));
  try {
    return await withDeadline(context.ports.clock, budgetMs * 2, settling, () =>
      unknown(debts, `no answer within ${budgetMs * 2} ms`),
    );
  } catch (error) {
    return unknown(debts, describeError(error));
  }
}

async function settleGroup(context: SafetyContext, debts: readonly Debt[]): Promise<readonly Settled[]> {
  const answers = new Map<string, Settled>();
  let left = debts;
  for (const waitMs of [0, ...BACKOFF_MS]) {
    if (waitMs > 0) await context.ports.clock.sleep(waitMs);
    for (const settled of await attempt(context, left)) answers.set(settled.debt, settled);
    left = left.filter(debt => {
      const answer = answers.get(debt.id);
      return answer === undefined || !isPaid(answer);
    });
    if (left.length === 0) break;
  }
  return debts.map(debt => answers.get(debt.id) ?? (unknown([debt], 'the driver gave no answer')[0] as Settled));
}

/** The newest first: a value that was set twice was first put back to what the first change had left. */
async function settleUnrecorded(context: SafetyContext, debts: readonly Debt[]): Promise<readonly Settled[]> {
  const groups = await Promise.all(byConnection([...debts].reverse()).map(group => settleGroup(context, group)));
  const answers = new Map(groups.flat().map(settled => [settled.debt, settled]));
  return debts.flatMap(({id}) => answers.get(id) ?? []);
}

/** Records answers durably. Never throws: a record that cannot be written does not stop an undo. */
export async function recordSettled(
  record: RecordWriter,
  occurrence: string,
  settled: readonly Settled[],
): Promise<void> {
  try {
    await record.durable({type: 'debts.settled', occurrence, settled});
  } catch (error) {
    record.event({
      type: 'noted',
      level: 'warning',
      text: `The settlement could not be recorded: ${describeError(error)}`,
    });
  }
}

/**
 * Carries out undos, verifies them and records the answers durably. Goes on past failures, retries within bounds and
 * never throws: what could not be undone is in the answer.
 */
export async function settleDebts(
  context: SafetyContext,
  occurrence: string,
  debts: readonly Debt[],
): Promise<readonly Settled[]> {
  if (debts.length === 0) return [];
  const settled = await settleUnrecorded(context, debts);
  await recordSettled(context.record, occurrence, settled);
  return settled;
}

/** Debts by occurrence, the newest first: the order in which they are undone. */
function newestFirst(
  debts: readonly Debt[],
): readonly {readonly occurrence: string; readonly debts: readonly Debt[]}[] {
  const occurrences = [...new Set(debts.map(debt => debt.occurrence))].reverse();
  return occurrences.map(occurrence => ({occurrence, debts: debts.filter(debt => debt.occurrence === occurrence)}));
}

/** Settles debts of several occurrences: the newest first, one occurrence after the other. */
export async function settleInReverse(context: SafetyContext, debts: readonly Debt[]): Promise<readonly Settled[]> {
  const settled: Settled[] = [];
  for (const group of newestFirst(debts)) settled.push(...(await settleDebts(context, group.occurrence, group.debts)));
  return settled;
}

/**
 * For when a request may still be on its way (its client died, or it was not answered): settles, waits until no such
 * request can arrive any more, and settles again what it brought back. Only then it is recorded: whoever dies in
 * between leaves the debts owed.
 */
export async function settleTwice(context: SafetyContext, owed: readonly Debt[]): Promise<readonly Settled[]> {
  if (owed.length === 0) return [];
  const first: Settled[] = [];
  for (const {debts} of newestFirst(owed)) first.push(...(await settleUnrecorded(context, debts)));
  await context.ports.clock.sleep(Math.max(...owed.map(debt => debt.undo.inFlightMs ?? IN_FLIGHT_MS)));
  const settled: Settled[] = [];
  for (const {occurrence, debts} of newestFirst(owed)) {
    const second = await settleUnrecorded(context, debts);
    const answers = debts.map(debt => pick(debt, first, second));
    await recordSettled(context.record, occurrence, answers);
    settled.push(...answers);
  }
  return settled;
}

/** The second look decides whether it is paid; the first says how, when the second found nothing left to do. */
function pick(debt: Debt, first: readonly Settled[], again: readonly Settled[]): Settled {
  const now = again.find(settled => settled.debt === debt.id);
  const before = first.find(settled => settled.debt === debt.id);
  if (now !== undefined && (now.outcome !== 'already' || before === undefined || !isPaid(before))) return now;
  return before ?? {debt: debt.id, outcome: 'unknown', why: 'the driver gave no answer', manual: debt.undo.manual};
}
