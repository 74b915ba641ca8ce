import type {JsonObject} from '../../quantities/json.js';
import {describeError} from '../../system/error.js';
import type {Applied, Change, Debt, Marked, Op, Proof} from '../../targets/contract.js';
import type {StopReason, WithoutUndo} from '../../record/events.js';
import {byConnection, isPaid} from '../safety/debts.js';
import {longestMs, settleDebts, undoBudgetMs} from '../safety/settle.js';
import {withDeadline} from '../safety/with-deadline.js';
import type {RunContext} from '../context.js';
import type {LocatedChange} from '../../targets/contract.js';
import {proveAll} from './proofs.js';
import {rollBack} from './roll-back.js';

export type Injected =
  | {readonly state: 'in-force'; readonly debts: readonly Debt[]; readonly changes: readonly LocatedChange[]}
  | {readonly state: 'failed'; readonly why: string}
  | {readonly state: 'locked'; readonly by: string};

export interface Injection {
  readonly occurrence: string;
  readonly forMs: number;
  /** Debts are numbered over the whole occurrence: a re-application starts behind the first ones. */
  readonly firstDebt: number;
}

const CONFIRM_BUDGET_MS = 15_000;
const CONFIRM_EVERY_MS = 100;
/** How long one look may take, at most and at least: the roll-back of a fault that hangs must not wait for ever. */
const LOOK_MS = 10_000;
const LEAST_LOOK_MS = 1_000;
/** Between the planned end of a fault and the moment when others may undo it. */
const LEASE_MARGIN_MS = 30_000;

function applyBudgetMs(targets: number, ops: readonly Op[] = []): number {
  return 30_000 + 500 * targets + longestMs(ops);
}

/** The debts of drafted changes: those that nothing can put back, or that leave nothing to put back, have none. */
function debtsOf(context: RunContext, injection: Injection, changes: readonly LocatedChange[]): readonly Debt[] {
  const now = context.ports.clock.now();
  const undos = changes.flatMap(({change}) => ('op' in change.undo ? [change.undo] : []));
  const spareMs = undoBudgetMs(changes.length, undos) + LEASE_MARGIN_MS;
  const ms = injection.forMs + spareMs;
  const hardStop = {
    mono: now.mono + ms * 1000,
    wall: new Date(Date.parse(now.wall) + ms).toISOString(),
    boot: now.boot,
  };
  return changes.flatMap(({change, address, driverVersion}, i) =>
    !('op' in change.undo)
      ? []
      : [
          {
            id: `${context.run}/${injection.occurrence}/${injection.firstDebt + i}`,
            run: context.run,
            occurrence: injection.occurrence,
            epoch: context.fence.epoch,
            driver: `${change.undo.ref.driver}@${driverVersion}`,
            address,
            undo: change.undo,
            touches: change.touches,
            lease: {ms, hardStop, spareMs},
          },
        ],
  );
}

function withoutUndo(changes: readonly LocatedChange[]): readonly WithoutUndo[] {
  return changes.flatMap(({change: {undo, target, touches}}) =>
    'op' in undo ? [] : [{...undo, ref: target, touches}],
  );
}

interface Marking {
  /** Debts that may carry our mark: those must be settled when the injection does not go on. */
  readonly ours: readonly Debt[];
  readonly problem?: Exclude<Injected, {state: 'in-force'}>;
}

/** Marks the debts in the targets' worlds; says who holds a target already, or what went wrong. */
async function mark(context: RunContext, debts: readonly Debt[]): Promise<Marking> {
  const answers = await Promise.all(
    byConnection(debts).map(async group => {
      const [first] = group;
      if (first === undefined) return [];
      const budgetMs = applyBudgetMs(group.length);
      const marking = context.actuators.forDebt(first).then(actuator => actuator.mark(group, budgetMs));
      return withDeadline(context.ports.clock, budgetMs * 2, marking, () =>
        group.map(({id}): Marked => ({debt: id, state: 'failed', why: `no answer within ${budgetMs * 2} ms`})),
      );
    }),
  );
  const held = new Set(answers.flat().flatMap(answer => (answer.state === 'held' ? [answer.debt] : [])));
  // What another run holds is not ours to settle: its fault would be undone under its feet.
  const ours = debts.filter(debt => !held.has(debt.id));
  for (const answer of answers.flat()) {
    if (answer.state === 'held') {
      return {ours, problem: {state: 'locked', by: `run ${answer.by} (until ${answer.hardStop} at the latest)`}};
    }
    if (answer.state === 'failed') {
      return {ours, problem: {state: 'failed', why: `the target could not be marked: ${answer.why}`}};
    }
  }
  return {ours};
}

/** Carries out one step of all changes together, each connection in one call. */
async function applyAll(
  context: RunContext,
  changes: readonly LocatedChange[],
  pick: (change: Change) => Op | undefined,
  asked: Set<Op>,
): Promise<readonly Applied[]> {
  const groups = new Map<string, {driver: Op['ref']['driver']; address: JsonObject; ops: Op[]}>();
  for (const {change, address} of changes) {
    const op = pick(change);
    if (op === undefined) continue;
    const key = JSON.stringify([op.ref.driver, address]);
    const group = groups.get(key) ?? {driver: op.ref.driver, address, ops: []};
    group.ops.push(op);
    asked.add(op);
    groups.set(key, group);
  }
  const answers = await Promise.all(
    [...groups.values()].map(({driver, address, ops}) => {
      const budgetMs = applyBudgetMs(ops.length, ops);
      const {signal} = context.stop;
      const applying = context.actuators.get(driver, address).then(actuator => actuator.apply(ops, budgetMs, signal));
      return withDeadline(context.ports.clock, budgetMs * 2, applying, () =>
        ops.map((op): Applied => ({op, state: 'unknown', why: `no answer within ${budgetMs * 2} ms`})),
      );
    }),
  );
  for (const {op, sent} of answers.flat()) if (sent === false) asked.delete(op);
  return answers.flat();
}

/** Takes the proof until every change is in force; returns the proofs, or why they are not. */
async function confirm(context: RunContext, changes: readonly LocatedChange[]): Promise<readonly Proof[] | string> {
  const {clock} = context.ports;
  const deadline = clock.mono() + CONFIRM_BUDGET_MS * 1000;
  const never = new AbortController();
  for (;;) {
    const withinMs = Math.max(LEAST_LOOK_MS, (deadline - clock.mono()) / 1000);
    const proofs = await proveAll(context, changes, {signal: never.signal, withinMs: Math.min(LOOK_MS, withinMs)});
    const open = proofs.find(proof => proof.state !== 'in-force');
    if (open === undefined) return proofs;
    if (context.stop.signal.aborted) return `stopped before the fault was confirmed on ${open.ref.name}`;
    if (clock.mono() >= deadline) {
      return `the proof on ${open.ref.name} says \`${open.state}\`${open.why === undefined ? '' : ` (${open.why})`} after ${CONFIRM_BUDGET_MS / 1000} s`;
    }
    await clock.sleep(CONFIRM_EVERY_MS);
  }
}

/**
 * Whoever slept past its own hard stop may have been relieved from another machine: its marks protect nothing any more.
 */
function isLeaseOver(context: RunContext, debts: readonly Debt[]): boolean {
  const now = context.ports.clock.mono();
  return debts.some(debt => now > debt.lease.hardStop.mono);
}

/** Of many targets that fail alike, so many are told. */
const MOST_TOLD = 3;

/** What these answers say, one after the other. */
function toldBy(answers: readonly Applied[]): string {
  const told = answers
    .slice(0, MOST_TOLD)
    .map(({op, why}) => `${op.op} on ${op.ref.name}: ${why ?? 'no reason given'}`);
  return [...told, ...(answers.length > MOST_TOLD ? [`and ${answers.length - MOST_TOLD} more`] : [])].join('; ');
}

/** An injection under way. */
interface Acting {
  readonly changes: readonly LocatedChange[];
  readonly debts: readonly Debt[];
  /** Operations of which something may have come, as far as they were asked for. */
  readonly asked: Set<Op>;
}

/**
 * Prepares all, flips all together, and takes the proof. The proof decides, and what was answered without being known
 * to be done is told with it: a change that failed in part says why.
 */
async function flip(context: RunContext, {changes, debts, asked}: Acting): Promise<readonly Proof[] | string> {
  const open: Applied[] = [];
  for (const step of [(change: Change) => change.prepare, (change: Change) => change.flip]) {
    if (isLeaseOver(context, debts)) return 'the time in which it could be put back was over before it was in force';
    const applied = await applyAll(context, changes, step, asked);
    const refused = applied.find(answer => answer.state === 'refused');
    if (refused !== undefined)
      return `${refused.op.op} on ${refused.op.ref.name} was refused: ${refused.why ?? 'no reason given'}`;
    open.push(...applied.filter(({state}) => state === 'unknown'));
  }
  const proofs = await confirm(context, changes);
  if (open.length === 0) return proofs;
  if (typeof proofs === 'string') return `${proofs}; ${toldBy(open)}`;
  context.record.event({type: 'noted', level: 'warning', text: `${toldBy(open)}; in force all the same`});
  return proofs;
}

/**
 * Injects drafted changes: debts on disk, marks in the world, then prepare, flip and proof. Whatever does not succeed
 * as a whole is rolled back before this returns.
 */
export async function inject(
  context: RunContext,
  injection: Injection,
  changes: readonly LocatedChange[],
): Promise<Injected> {
  const {record, fence} = context;
  const {occurrence} = injection;
  if (!(await fence.refresh())) return {state: 'failed', why: 'someone else took this run over'};
  const debts = debtsOf(context, injection, changes);
  try {
    if (debts.length > 0) await record.durable({type: 'debts.owed', occurrence, debts});
  } catch (error) {
    return {state: 'failed', why: `the debt could not be written, so nothing was injected: ${describeError(error)}`};
  }
  const marking = await mark(context, debts).catch((error: unknown): Marking => ({
    ours: debts,
    problem: {state: 'failed', why: describeError(error)},
  }));
  const asked = new Set<Op>();
  const failure = marking.problem ?? (await act(context, occurrence, {changes, debts, asked}));
  if (failure === undefined) return {state: 'in-force', debts, changes};
  const {ours} = marking;
  const untouched = marking.problem === undefined ? ours.filter(debt => !isTouched(debt, changes, asked)) : [];
  const why = failure.state === 'failed' ? failure.why : `locked by ${failure.by}`;
  await rollBack(context, {occurrence, debts, ours, untouched}, why);
  return failure;
}

/** Whether anything of the debt's change may have reached its target. */
function isTouched({undo}: Debt, changes: readonly LocatedChange[], asked: ReadonlySet<Op>): boolean {
  return changes.some(({change: {undo: other, prepare, flip: flipping}}) => {
    return other === undo && [prepare, flipping].some(op => op !== undefined && asked.has(op));
  });
}

/** From the mark to the confirmation. Returns what went wrong. */
async function act(
  context: RunContext,
  occurrence: string,
  acting: Acting,
): Promise<Exclude<Injected, {state: 'in-force'}> | undefined> {
  if (context.stop.signal.aborted) return {state: 'failed', why: 'stopped before the injection'};
  const owesNothing = withoutUndo(acting.changes);
  const told = owesNothing.length === 0 ? {} : {withoutUndo: owesNothing};
  context.record.event({type: 'change.requested', occurrence, ...told});
  try {
    const proofs = await flip(context, acting);
    if (typeof proofs === 'string') return {state: 'failed', why: proofs};
    context.record.event({type: 'change.confirmed', occurrence, proofs});
    return undefined;
  } catch (error) {
    return {state: 'failed', why: describeError(error)};
  }
}

/**
 * Asks for the undo and settles; what could not be settled stays owed and is recorded as such. True: nothing is owed
 * any more.
 */
export async function undo(
  context: RunContext,
  occurrence: string,
  debts: readonly Debt[],
  why: StopReason,
): Promise<boolean> {
  context.record.event({type: 'undo.requested', occurrence, why, undos: debts.length});
  return (await settleDebts(context, occurrence, debts)).every(isPaid);
}
