import {signalWithin, type Left} from '../../../system/clock.js';
import {groupsBy, mapInFlight} from '../../../system/in-flight.js';
import type {Debt, Fence} from '../../contract.js';
import type {Patience, Sent, SettlingPort, SettlingTogether, Standing} from '../../settling/port.js';
import {restored} from '../../settling/standing.js';
import {inspectContainer, type ContainerView} from './engine/container.js';
import {IN_FLIGHT, type Engine} from './engine/engine.js';
import {messageOf, type MutationOutcome} from './engine/failures.js';
import type {MarkVolume} from './marks/mark-volumes.js';
import type {Marks} from './marks/marks.js';
import {operationNamed, questionNamed, VERSION} from './mechanisms/index.js';
import type {Operation} from './mechanisms/operation.js';
import {proveAll} from './prove.js';

/** A container that was told to start shows it only a moment later. */
const PATIENCE: Patience = {attempts: 3, betweenAttemptsMs: 300, showsWithinMs: 3_000, lookEveryMs: 50};
const MARKS_WITHIN_MS = 5_000;

/** What settling on an engine works with. */
interface EngineSettling {
  readonly engine: Engine;
  readonly fence: Fence;
  readonly marks: Marks;
}

/** For one settlement: the marks are read once. */
export function settlingPort({engine, fence, marks}: EngineSettling): SettlingPort {
  let present: Promise<readonly MarkVolume[]> | undefined;
  // Undoing comes first: marks that cannot be read hide a debt from nobody.
  const read = (left: Left) =>
    marks.read(undefined, signalWithin(Math.min(left(), MARKS_WITHIN_MS))).then(
      world => world.marks,
      () => [],
    );
  return {
    driver: `docker@${VERSION}`,
    endpoint: engine.id,
    fence,
    clock: engine.clock,
    patience: PATIENCE,
    inFlight: IN_FLIGHT,
    refuses: ({undo}) => {
      if (undo.v === VERSION && operationNamed(undo.op) !== undefined) return undefined;
      return `this version has no operation \`${undo.op}@${undo.v}\``;
    },
    heldByOther: async (debt, left) => holderInstead(await (present ??= read(left)), debt),
    look: (debt, left) => standing(engine, debt, left),
    refusesWhenDone: ({undo}) => operationNamed(undo.op)?.refusedWhenDone === true,
    carryOut: async ({undo, run}, left) =>
      sentBy(await operationOf(undo.op).send(engine, undo, {budgetMs: left(), run})),
    remark: async ({undo}, left) => operationNamed(undo.op)?.remark?.(engine, undo, signalWithin(left())),
    unmark: (debts, budget) => marks.release(debts, budget),
    manualUnmark: ({run}) => `docker volume rm (those of \`docker volume ls --filter label=firedrill.run=${run}\`)`,
    together: together(engine, fence),
  };
}

/** Only for what `refuses` let pass. */
function operationOf(name: string): Operation {
  const operation = operationNamed(name);
  if (operation === undefined) throw new Error(`this version has no operation \`${name}\``);
  return operation;
}

/** An engine that has answered has nothing under way any more. */
function sentBy(outcome: MutationOutcome): Sent {
  if (outcome.state === 'done') return outcome;
  const {state, status, why} = outcome;
  return {state: state === 'refused' || status !== undefined ? 'refused' : 'lost', why};
}

/** The run that holds the target while this debt has no mark there: what the target shows then is that run's fault. */
function holderInstead(marks: readonly MarkVolume[], debt: Debt): string | undefined {
  const there = marks.filter(mark => mark.objects.has(debt.undo.ref.object));
  if (there.some(mark => mark.run === debt.run)) return undefined;
  return there[0]?.run;
}

const GONE: Standing = {state: 'gone', detail: 'the container no longer exists'};

/** Never rejects: an engine that cannot be read now may well take an undo. */
async function standing(engine: Engine, {undo}: Debt, left: Left): Promise<Standing> {
  const signal = signalWithin(left());
  try {
    const view = await inspectContainer(engine, undo.ref.object, signal);
    const operation = operationOf(undo.op);
    if (view === 'gone' && operation.outlives !== true) return GONE;
    if (view !== 'gone' && undo.restore !== undefined && operation.value !== undefined)
      return restored(undo.restore, operation.value(view, undo.args));
    return await proven(engine, undo, {view, signal});
  } catch (error) {
    return {state: 'unreadable', why: `the container cannot be read: ${messageOf(error)}`};
  }
}

async function proven(
  engine: Engine,
  {ref, proof, lifetime}: Debt['undo'],
  {view, signal}: {readonly view: ContainerView | 'gone'; readonly signal: AbortSignal},
): Promise<Standing> {
  const question = questionNamed(proof.op);
  if (question === undefined) return {state: 'unreadable', why: `this version cannot answer \`${proof.op}\``};
  const answer = await question({engine, view, args: proof.args, signal});
  if (answer.state === 'unknown') return {state: 'unreadable', why: answer.why ?? 'it does not show'};
  if (answer.state === 'in-force')
    return {state: 'owed', shows: `the container shows ${JSON.stringify(answer.readings)}`};
  if (view === 'gone') return GONE;
  const isAnother = lifetime === 'incarnation' && view.startedAt !== ref.incarnation;
  return isAnother ? {state: 'gone', detail: `it was restarted at ${view.startedAt}`} : {state: 'nothing'};
}

function together(engine: Engine, fence: Fence): SettlingTogether {
  return {
    fits: ({undo}) => {
      if (undo.restore !== undefined) return false;
      return operationOf(undo.op).sendAll !== undefined || questionNamed(undo.proof.op)?.byState !== undefined;
    },
    states: async (debts, left) => {
      const proofs = debts.map(({undo}) => undo.proof);
      return (await proveAll(engine, proofs, signalWithin(left()))).map(({state}) => state);
    },
    carryOut: (debts, left) => sendAll(engine, fence, {debts, left}),
  };
}

async function sendAll(
  engine: Engine,
  fence: Fence,
  {debts, left}: {readonly debts: readonly Debt[]; readonly left: Left},
): Promise<readonly (Sent | undefined)[]> {
  const answers: (Sent | undefined)[] = debts.map(() => undefined);
  const placed = debts.map((debt, place) => ({debt, place, operation: operationOf(debt.undo.op)}));
  const alone = placed.filter(({operation}) => operation.sendAll === undefined);
  await mapInFlight(alone, IN_FLIGHT, async ({debt, place, operation}) => {
    // What is not sent is settled one by one, which says why.
    if (!fence.live()) return;
    answers[place] = sentBy(await operation.send(engine, debt.undo, {budgetMs: Math.max(1, left()), run: debt.run}));
  });
  const batches = groupsBy(
    placed.filter(({operation}) => operation.sendAll !== undefined),
    ({debt}) => JSON.stringify([debt.undo.op, debt.run]),
  );
  for (const [, batch] of batches) {
    const [first] = batch;
    const ops = batch.map(({debt}) => debt.undo);
    const sending = {budgetMs: Math.max(1, left()), run: first?.debt.run ?? ''};
    const sent = (await first?.operation.sendAll?.(engine, ops, sending)) ?? [];
    sent.forEach((outcome, nth) => {
      const place = batch[nth]?.place;
      if (place !== undefined) answers[place] = sentBy(outcome);
    });
  }
  return answers;
}
