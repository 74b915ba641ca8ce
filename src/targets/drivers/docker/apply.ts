import type {Applied, Fence, Op} from '../../contract.js';
import {inspectContainer} from './engine/container.js';
import {IN_FLIGHT, type Engine} from './engine/engine.js';
import {messageOf, type MutationOutcome} from './engine/failures.js';
import {mapInFlight} from '../../../system/in-flight.js';
import {operationNamed, VERSION} from './mechanisms/index.js';
import type {Operation} from './mechanisms/operation.js';

/** An answer that was lost, or an error half-way, is decided by what the container shows. */
async function decide(engine: Engine, op: Op, operation: Operation, sent: MutationOutcome): Promise<MutationOutcome> {
  if (sent.state !== 'unknown') return sent;
  try {
    const view = await inspectContainer(engine, op.ref.object, AbortSignal.timeout(5_000));
    if (view === 'gone') return {...sent, why: `${sent.why}; the container no longer exists`};
    if (operation.landed === undefined) return sent;
    if (operation.landed(view, op.args)) return {state: 'done'};
    // The engine has answered, so nothing is under way any more; without an answer it may still come.
    return sent.status === undefined ? sent : {...sent, state: 'refused'};
  } catch (error) {
    return {...sent, why: `${sent.why}; and the container cannot be read: ${messageOf(error)}`};
  }
}

/** Why the operation must not be sent to the container as it is. */
async function guarded(engine: Engine, op: Op, operation: Operation): Promise<string | undefined> {
  if (operation.guard === undefined) return undefined;
  try {
    const view = await inspectContainer(engine, op.ref.object, AbortSignal.timeout(5_000));
    return view === 'gone' ? 'the container no longer exists' : operation.guard(view, op.args);
  } catch (error) {
    return `the container cannot be read: ${messageOf(error)}`;
  }
}

/** The operation, or why there is none for it here. */
function operationFor(engine: Engine, op: Op): Operation | string {
  const operation = op.v === VERSION ? operationNamed(op.op) : undefined;
  if (operation === undefined) return `this version has no operation \`${op.op}@${op.v}\``;
  if (op.ref.endpoint !== engine.id) return `it is on another engine (${op.ref.endpoint}), not on ${engine.id}`;
  return operation;
}

function refused(op: Op, why: string): Applied {
  return {op, state: 'refused', why};
}

const DEAD_FENCE = 'another process has taken this run over';

function appliedBy(op: Op, outcome: MutationOutcome): Applied {
  return outcome.state === 'done' ? {op, state: 'done'} : {op, state: outcome.state, why: outcome.why};
}

/** What applying needs. */
export interface Applying {
  readonly engine: Engine;
  readonly fence: Fence;
  /** Milliseconds that are left of the budget. */
  readonly left: () => number;
}

async function applyOne({engine, fence, left}: Applying, op: Op, operation: Operation): Promise<Applied> {
  const why = await guarded(engine, op, operation);
  if (why !== undefined) return refused(op, why);
  if (!fence.live()) return refused(op, DEAD_FENCE);
  const sent = await operation.send(engine, op, {budgetMs: left(), run: fence.run});
  return appliedBy(op, await decide(engine, op, operation, sent));
}

/** Operations of one name, in one call where the driver can. */
async function applyTogether(
  applying: Applying,
  operation: Operation,
  ops: readonly Op[],
): Promise<readonly Applied[]> {
  const {engine, fence, left} = applying;
  if (operation.sendAll === undefined) {
    return mapInFlight(ops, IN_FLIGHT, op => applyOne(applying, op, operation));
  }
  if (!fence.live()) return ops.map(op => refused(op, DEAD_FENCE));
  const sent = await operation.sendAll(engine, ops, {budgetMs: left(), run: fence.run});
  return mapInFlight(ops, IN_FLIGHT, async (op, index) => {
    const outcome = sent[index] ?? {state: 'unknown', status: undefined, why: 'there was no answer for it'};
    return appliedBy(op, await decide(engine, op, operation, outcome));
  });
}

/**
 * Carries the operations out, those of one name together; one answer each, in order. Never throws for a target's sake.
 */
export async function applyAll(applying: Applying, ops: readonly Op[]): Promise<readonly Applied[]> {
  const answers: Applied[] = [];
  const together = new Map<Operation, number[]>();
  ops.forEach((op, index) => {
    const operation = operationFor(applying.engine, op);
    if (typeof operation === 'string') answers[index] = {...refused(op, operation), sent: false};
    else together.set(operation, [...(together.get(operation) ?? []), index]);
  });
  for (const [operation, places] of together) {
    const these = places.flatMap(place => ops[place] ?? []);
    const applied = await applyTogether(applying, operation, these);
    applied.forEach((one, nth) => {
      const place = places[nth];
      if (place !== undefined) answers[place] = one;
    });
  }
  return answers;
}
