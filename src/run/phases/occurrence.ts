import type {JsonObject} from '../../quantities/json.js';
import {describeError} from '../../system/error.js';
import type {Applied, Change, Debt, Op, Proof} from '../../targets/contract.js';
import type {Stop} from '../record/events.js';
import {byConnection} from '../safety/debts.js';
import type {Readers} from '../safety/connections.js';
import type {RunFence} from '../safety/fence.js';
import {settleDebts, settleTwice, undoBudgetMs, type SafetyContext} from '../safety/settle.js';
import {pause, type StopSwitch} from '../stop-switch.js';

/** A drafted change and how its endpoint was reached. */
export interface LocatedChange {
  readonly change: Change;
  readonly address: JsonObject;
  /** Version of the driver that drafted it. */
  readonly driverVersion: number;
}

/** What the doing half of a run shares. */
export interface House extends SafetyContext {
  readonly run: string;
  readonly readers: Readers;
  readonly fence: RunFence;
  readonly stop: StopSwitch;
}

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
/** Between the planned end of a fault and the moment when others may undo it. */
const LEASE_MARGIN_MS = 30_000;

function applyBudgetMs(targets: number): number {
  return 30_000 + 500 * targets;
}

/** The debts of drafted changes: those whose author says that nothing can put them back have none. */
function debtsOf(house: House, injection: Injection, changes: readonly LocatedChange[]): readonly Debt[] {
  const now = house.ports.clock.now();
  const ms = injection.forMs + undoBudgetMs(changes.length) + LEASE_MARGIN_MS;
  const hardStop = {
    mono: now.mono + ms * 1000,
    wall: new Date(Date.parse(now.wall) + ms).toISOString(),
    boot: now.boot,
  };
  return changes.flatMap(({change, address, driverVersion}, i) =>
    'irreversible' in change.undo
      ? []
      : [
          {
            id: `${house.run}/${injection.occurrence}/${injection.firstDebt + i}`,
            run: house.run,
            occurrence: injection.occurrence,
            epoch: house.fence.epoch,
            driver: `${change.undo.ref.driver}@${driverVersion}`,
            address,
            undo: change.undo,
            lease: {ms, hardStop},
          },
        ],
  );
}

interface Marking {
  /** Debts that may carry our mark: those must be settled when the injection does not go on. */
  readonly ours: readonly Debt[];
  readonly problem?: Exclude<Injected, {state: 'in-force'}>;
}

/** Marks the debts in the targets' worlds; says who holds a target already, or what went wrong. */
async function mark(house: House, debts: readonly Debt[]): Promise<Marking> {
  const answers = await Promise.all(
    byConnection(debts).map(async group => {
      const [first] = group;
      if (first === undefined) return [];
      const actuator = await house.actuators.forDebt(first);
      return actuator.mark(group, applyBudgetMs(group.length));
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
  house: House,
  changes: readonly LocatedChange[],
  pick: (change: Change) => Op | undefined,
): Promise<readonly Applied[]> {
  const groups = new Map<string, {driver: Op['ref']['driver']; address: JsonObject; ops: Op[]}>();
  for (const {change, address} of changes) {
    const op = pick(change);
    if (op === undefined) continue;
    const key = JSON.stringify([op.ref.driver, address]);
    const group = groups.get(key) ?? {driver: op.ref.driver, address, ops: []};
    group.ops.push(op);
    groups.set(key, group);
  }
  const answers = await Promise.all(
    [...groups.values()].map(async ({driver, address, ops}) =>
      (await house.actuators.get(driver, address)).apply(ops, applyBudgetMs(ops.length)),
    ),
  );
  return answers.flat();
}

/** The proofs of all changes, in their order. */
export async function proveAll(
  house: House,
  changes: readonly LocatedChange[],
  signal: AbortSignal,
): Promise<readonly Proof[]> {
  return Promise.all(
    changes.map(async ({change, address}): Promise<Proof> => {
      try {
        const reader = await house.readers.get(change.proof.ref.driver, address);
        const [proof] = await reader.prove([change.proof], signal);
        if (proof !== undefined) return proof;
        return unknownProof(house, change, 'the driver gave no answer');
      } catch (error) {
        return unknownProof(house, change, describeError(error));
      }
    }),
  );
}

function unknownProof(house: House, change: Change, why: string): Proof {
  return {ref: change.target, state: 'unknown', exercised: null, readings: {}, at: house.ports.clock.now(), why};
}

/** Takes the proof until every change is in force; returns the proofs, or why they are not. */
async function confirm(house: House, changes: readonly LocatedChange[]): Promise<readonly Proof[] | string> {
  const {clock} = house.ports;
  const deadline = clock.mono() + CONFIRM_BUDGET_MS * 1000;
  const never = new AbortController();
  for (;;) {
    const proofs = await proveAll(house, changes, never.signal);
    const open = proofs.find(proof => proof.state !== 'in-force');
    if (open === undefined) return proofs;
    if (house.stop.signal.aborted) return `stopped before the fault was confirmed on ${open.ref.name}`;
    if (clock.mono() >= deadline) {
      return `the proof on ${open.ref.name} says \`${open.state}\`${open.why === undefined ? '' : ` (${open.why})`} after ${CONFIRM_BUDGET_MS / 1000} s`;
    }
    await clock.sleep(CONFIRM_EVERY_MS);
  }
}

/** Prepares all, flips all together, and takes the proof. */
async function flip(house: House, changes: readonly LocatedChange[]): Promise<readonly Proof[] | string> {
  for (const step of [(change: Change) => change.prepare, (change: Change) => change.flip]) {
    const applied = await applyAll(house, changes, step);
    const refused = applied.find(answer => answer.state === 'refused');
    if (refused !== undefined)
      return `${refused.op.op} on ${refused.op.ref.name} was refused: ${refused.why ?? 'no reason given'}`;
  }
  return confirm(house, changes);
}

/**
 * Injects drafted changes: debts on disk, marks in the world, then prepare, flip and proof. Whatever does not succeed as a
 * whole is rolled back before this returns.
 */
export async function inject(house: House, injection: Injection, changes: readonly LocatedChange[]): Promise<Injected> {
  const {record, fence} = house;
  const {occurrence} = injection;
  if (!(await fence.refresh())) return {state: 'failed', why: 'someone else took this run over'};
  const debts = debtsOf(house, injection, changes);
  try {
    if (debts.length > 0) await record.durable({type: 'debts.owed', occurrence, debts});
  } catch (error) {
    return {state: 'failed', why: `the debt could not be written, so nothing was injected: ${describeError(error)}`};
  }
  const marking = await mark(house, debts).catch((error: unknown): Marking => ({
    ours: debts,
    problem: {state: 'failed', why: describeError(error)},
  }));
  const failure = marking.problem ?? (await act(house, occurrence, changes));
  if (failure === undefined) return {state: 'in-force', debts, changes};
  await rollBack(house, {occurrence, debts, ours: marking.ours}, failure);
  return failure;
}

/** From the mark to the confirmation. Returns what went wrong. */
async function act(
  house: House,
  occurrence: string,
  changes: readonly LocatedChange[],
): Promise<Exclude<Injected, {state: 'in-force'}> | undefined> {
  if (house.stop.signal.aborted) return {state: 'failed', why: 'stopped before the injection'};
  house.record.event({type: 'change.requested', occurrence});
  try {
    const proofs = await flip(house, changes);
    if (typeof proofs === 'string') return {state: 'failed', why: proofs};
    house.record.event({type: 'change.confirmed', occurrence, proofs});
    return undefined;
  } catch (error) {
    return {state: 'failed', why: describeError(error)};
  }
}

async function rollBack(
  house: House,
  owed: {readonly occurrence: string; readonly debts: readonly Debt[]; readonly ours: readonly Debt[]},
  failure: Exclude<Injected, {state: 'in-force'}>,
): Promise<void> {
  const {occurrence, debts, ours} = owed;
  const detail = failure.state === 'failed' ? failure.why : `locked by ${failure.by}`;
  house.record.event({type: 'change.failed', occurrence, why: detail});
  const foreign = debts.filter(debt => !ours.includes(debt));
  if (foreign.length > 0) {
    await house.record.durable({
      type: 'debts.settled',
      occurrence,
      settled: foreign.map(debt => ({debt: debt.id, outcome: 'already', detail: 'held by another run: never touched'})),
    });
  }
  house.record.event({type: 'undo.requested', occurrence, why: {kind: 'not-injected', detail}});
  // A request that was not answered may still arrive: only a second look is sure.
  await settleTwice(house, ours);
}

/** Asks for the undo and settles; what could not be settled stays owed and is recorded as such. */
export async function undo(house: House, occurrence: string, debts: readonly Debt[], why: Stop): Promise<void> {
  house.record.event({type: 'undo.requested', occurrence, why});
  await settleDebts(house, occurrence, debts);
}

const PROVE_EVERY_MS = 2_000;

/** What is asked of `hold` when a target lost the fault. Returns the new changes and debts, or nothing. */
export type Reapply = (lost: readonly LocatedChange[]) => Promise<Extract<Injected, {state: 'in-force'}> | undefined>;

/**
 * Holds a fault for its time, taking the proof on every target. A change of state is recorded; a lost fault is applied again where
 * the file says `keep`. Returns all debts that are owed at the end.
 */
export async function hold(
  house: House,
  held: {
    readonly occurrence: string;
    readonly forMs: number;
    readonly injected: Extract<Injected, {state: 'in-force'}>;
  },
  reapply: Reapply | undefined,
): Promise<readonly Debt[]> {
  const {clock} = house.ports;
  const until = clock.mono() + held.forMs * 1000;
  let changes = held.injected.changes;
  let debts = held.injected.debts;
  let states = changes.map(() => 'in-force');
  for (;;) {
    const leftMs = (until - clock.mono()) / 1000;
    const slept = await pause(clock, Math.max(0, Math.min(PROVE_EVERY_MS, leftMs)), house.stop.signal);
    const last = !slept || clock.mono() >= until;
    const proofs = await proveAll(house, changes, house.stop.signal);
    const now = proofs.map(proof => proof.state);
    if (!house.stop.signal.aborted && (last || now.some((state, i) => state !== states[i]))) {
      house.record.event({type: 'proof.changed', occurrence: held.occurrence, proofs});
    }
    if (last) return debts;
    states = now;
    const lost = changes.filter((_, i) => now[i] === 'absent');
    if (lost.length > 0 && reapply !== undefined) {
      const again = await reapply(lost);
      if (again !== undefined) {
        changes = [...changes.filter(change => !lost.includes(change)), ...again.changes];
        debts = [...debts, ...again.debts];
        states = changes.map(() => 'in-force');
      }
    }
  }
}
