import type {Actuator, Applied, Debt, Fence, Marked, Op, TargetRef, Undo} from '../../../src/targets/contract.js';
import type {SettlingPort} from '../../../src/targets/settling/port.js';
import {settleAll} from '../../../src/targets/settling/settle.js';
import {eachUnmarked, sentBy, standingBy, type Reads} from '../../../src/targets/settling/standing.js';
import {act, read, valueOf, VERSION} from './operations.js';
import type {MemoryWorld, Reply} from './world.js';

/** Sets the mark of one object for a run, or answers whose it is. Atomic. */
function setMark(world: MemoryWorld, debt: Debt): Marked {
  const object = debt.undo.ref.object;
  const mark = world.marks.get(object) ?? new Map<string, Debt>();
  const other = [...mark.values()].find(owed => owed.run !== debt.run);
  if (other !== undefined) return {debt: debt.id, state: 'held', by: other.run, hardStop: other.lease.hardStop.wall};
  world.marks.set(object, mark.set(debt.id, debt));
  return {debt: debt.id, state: 'marked'};
}

/** The other run whose mark is on the object, where this debt has none. */
function holder(world: MemoryWorld, debt: Debt): string | undefined {
  const mark = world.marks.get(debt.undo.ref.object);
  if (mark === undefined || mark.has(debt.id)) return undefined;
  return [...mark.values()].find(owed => owed.run !== debt.run)?.run;
}

function removeMark(world: MemoryWorld, debt: Debt): void {
  const mark = world.marks.get(debt.undo.ref.object);
  mark?.delete(debt.id);
  if (mark?.size === 0) world.marks.delete(debt.undo.ref.object);
  if (world.debts(debt.run).length === 0) world.stops.delete(debt.run);
}

/** The answer, or a throw with the reason why there is none. */
function answered<T>(reply: Reply<T>): T {
  if ('answer' in reply) return reply.answer;
  throw new Error('lost' in reply ? reply.lost : reply.refused);
}

interface Client {
  readonly world: MemoryWorld;
  readonly client: string;
  readonly fence: Fence;
}

export function memoryActuator(world: MemoryWorld, client: string, fence: Fence): Actuator {
  const us = {world, client, fence};
  return {
    endpoint: world.endpoint,
    mark: (debts, budgetMs) => inTurn(debts, debt => mark(us, debt, budgetMs)),
    apply: (ops, budgetMs) => Promise.all(ops.map(op => apply(us, op, budgetMs))),
    renew: async (debts, budgetMs) => {
      await inTurn(debts, debt => renew(us, debt, budgetMs));
    },
    settle: (debts, budgetMs) => settleAll(settlingPort(us), debts, budgetMs),
    forget: async debts => {
      await inTurn(debts, debt => unmark(us, debt));
    },
    requestStop: async run => {
      const ask = () => world.stops.add(run);
      answered(await world.request({client, what: 'request-stop'}, ask, () => world.stops));
    },
    close: () => Promise.resolve(),
  };
}

async function apply({world, client, fence}: Client, op: Op, budgetMs: number): Promise<Applied> {
  if (!fence.live()) return {op, state: 'refused', why: 'this run was taken over'};
  const about = {client, what: 'act', op: op.op, object: op.ref.object, budgetMs} as const;
  const reply = await world.request(
    about,
    () => act(world, op),
    () => undefined,
  );
  if ('lost' in reply) return {op, state: 'unknown', why: reply.lost};
  const why = 'refused' in reply ? reply.refused : reply.answer;
  return why === undefined ? {op, state: 'done'} : {op, state: 'refused', why};
}

/** The patience of an engine: an undo whose answer was lost is sent again. */
const PATIENCE = {attempts: 3, betweenAttemptsMs: 300, showsWithinMs: 3_000, lookEveryMs: 50};

function settlingPort(us: Client): SettlingPort {
  const {world, client, fence} = us;
  return {
    driver: `memory@${VERSION}`,
    endpoint: world.endpoint,
    fence,
    clock: world.clock,
    patience: PATIENCE,
    inFlight: 1,
    heldByOther: async debt => {
      const about = {client, what: 'read', object: debt.undo.ref.object} as const;
      return answered(
        await world.request(
          about,
          () => holder(world, debt),
          () => undefined,
        ),
      );
    },
    look: ({undo}) => standingBy(readsOf(us), undo),
    carryOut: async ({undo}, left) => sentBy(await apply(us, undo, left())),
    unmark: debts => eachUnmarked(debts, debt => unmark(us, debt)),
  };
}

function readsOf({world, client}: Client): Reads {
  const ask = async <T>(about: {object: string; op?: string}, happen: () => T, lie: () => T): Promise<T> =>
    answered(await world.request({client, what: 'read', ...about}, happen, lie));
  const exists = ({object, incarnation}: TargetRef, lifetime: Undo['lifetime']) => {
    const found = world.objects.get(object);
    return found !== undefined && (lifetime === 'object' || String(found.incarnation) === incarnation);
  };
  return {
    exists: (ref, lifetime) =>
      ask(
        {object: ref.object},
        () => exists(ref, lifetime),
        () => true,
      ),
    value: undo =>
      ask(
        {object: undo.ref.object},
        () => valueOf(world, undo.ref),
        () => undo.restore?.was ?? null,
      ),
    prove: op =>
      ask(
        {object: op.ref.object, op: op.op},
        () => read(world, op),
        () => ({...read(world, op), state: 'absent'}),
      ),
  };
}

async function unmark({world, client}: Client, debt: Debt): Promise<void> {
  const about = {client, what: 'unmark', object: debt.undo.ref.object} as const;
  const remove = () => {
    removeMark(world, debt);
  };
  answered(await world.request<unknown>(about, remove, () => undefined));
}

/** One after the other, so that the order of requests is the order of the debts. */
async function inTurn<T, R>(all: readonly T[], each: (one: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (const one of all) answers.push(await each(one));
  return answers;
}

async function mark({world, client, fence}: Client, debt: Debt, budgetMs: number): Promise<Marked> {
  if (!fence.live()) return {debt: debt.id, state: 'failed', why: 'this run was taken over'};
  const about = {client, what: 'mark', object: debt.undo.ref.object, budgetMs} as const;
  const lie = (): Marked => ({debt: debt.id, state: 'marked'});
  const reply = await world.request(about, () => setMark(world, debt), lie);
  if ('answer' in reply) return reply.answer;
  return {debt: debt.id, state: 'failed', why: 'lost' in reply ? reply.lost : reply.refused};
}

async function renew({world, client, fence}: Client, debt: Debt, budgetMs: number): Promise<void> {
  if (!fence.live()) return;
  const object = debt.undo.ref.object;
  const replace = () => {
    const mark = world.marks.get(object);
    if (mark?.has(debt.id) === true) mark.set(debt.id, debt);
  };
  await world.request({client, what: 'renew', object, budgetMs}, replace, () => undefined);
}
