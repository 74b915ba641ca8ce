import type {JsonObject} from '../../../../quantities/json.js';
import type {Op} from '../../../contract.js';
import {inspectContainer} from '../engine/container.js';
import {IN_FLIGHT, type Engine} from '../engine/engine.js';
import {messageOf, type MutationOutcome} from '../engine/failures.js';
import {mapInFlight} from '../../../../system/in-flight.js';
import {entranceOf} from '../entrance/entrance.js';
import {heldTags, holdBeside, releaseHolder} from '../entrance/holder.js';
import type {Operation, ContainerQuestion, Sending} from './operation.js';

/**
 * Operations that, where a helper container is the way in, leave one beside the target: it undoes by itself what it
 * holds when its time is over. Where `nsenter` is the way in they are as they were.
 */

/** What such a helper holds; undefined when this operation needs none. */
export interface HeldUndo {
  /** Names the helper. */
  readonly tag: string;
  readonly undo: string;
  readonly holdMs: number;
}

/** The tag of the helper that holds what the operation or question is about; undefined where none was needed. */
export type TagOf = (args: JsonObject) => string | undefined;

const NO_ANSWER: MutationOutcome = {state: 'unknown', status: undefined, why: 'there was no answer for it'};

async function ensureHolder(
  engine: Engine,
  op: Op,
  held: HeldUndo | undefined,
  sending: Sending,
): Promise<MutationOutcome> {
  if (held === undefined) return {state: 'done'};
  try {
    const view = await inspectContainer(engine, op.ref.object, AbortSignal.timeout(5_000));
    if (view === 'gone') return {state: 'refused', status: undefined, why: 'the container no longer exists'};
    const entrance = entranceOf(engine, view);
    if (entrance.kind !== 'helper') return {state: 'done'};
    const {image} = entrance;
    return await holdBeside(engine, {...held, view, image, run: sending.run}, sending.budgetMs);
  } catch (error) {
    return {state: 'refused', status: undefined, why: `the container cannot be read: ${messageOf(error)}`};
  }
}

/** First a helper that holds, then the operation itself for those that have one. */
export function holding(operation: Operation, heldBy: (args: JsonObject) => HeldUndo | undefined): Operation {
  const sendAll: NonNullable<Operation['sendAll']> = async (engine, ops, sending) => {
    const end = performance.now() + sending.budgetMs;
    const ready = await mapInFlight(ops, IN_FLIGHT, op => ensureHolder(engine, op, heldBy(op.args), sending));
    const able = ops.filter((_, index) => ready[index]?.state === 'done');
    const sent = await sendTogether(operation, engine, able, {...sending, budgetMs: end - performance.now()});
    let nth = 0;
    return ready.map(one => (one.state === 'done' ? (sent[nth++] ?? one) : one));
  };
  return withSend(operation, sendAll);
}

/** First the operation, then the helper that held what it has undone is removed. */
export function releasing(operation: Operation, tagOf: TagOf): Operation {
  const sendAll: NonNullable<Operation['sendAll']> = async (engine, ops, sending) => {
    const end = performance.now() + sending.budgetMs;
    const sent = await sendTogether(operation, engine, ops, sending);
    return mapInFlight(ops, IN_FLIGHT, async (op, index) => {
      const outcome = sent[index] ?? NO_ANSWER;
      const tag = tagOf(op.args);
      // While something is left to undo the helper is the one who will do it at the latest.
      if (tag === undefined || !(outcome.state === 'done' || (await hasGone(engine, op)))) return outcome;
      const over = {tag, target: op.ref.object, run: sending.run};
      const released = await releaseHolder(engine, over, Math.max(1_000, end - performance.now()));
      return released.state === 'done' ? outcome : released;
    });
  };
  // The helper may be left when the target is gone.
  return {...withSend(operation, sendAll), outlives: true};
}

/** `in-force` also while a helper container is left that holds it. */
export function heldQuestion(question: ContainerQuestion, tagOf: TagOf): ContainerQuestion {
  const askAll: NonNullable<ContainerQuestion['askAll']> = async (engine, asked, signal) => {
    const answers = await (question.askAll?.(engine, asked, signal) ??
      mapInFlight(asked, IN_FLIGHT, async one => question({...one, engine, signal})));
    const tags = asked.map(({args}) => tagOf(args));
    if (tags.every(tag => tag === undefined)) return answers;
    const held = await heldTags(engine, signal);
    return answers.map((answer, index) => {
      const tag = tags[index];
      if (answer.state !== 'absent' || tag === undefined || !held.has(tag)) return answer;
      return {...answer, state: 'in-force', readings: {...answer.readings, helper: tag}};
    });
  };
  const single: ContainerQuestion = async ({engine, signal, ...one}) => {
    const [answer] = await askAll(engine, [one], signal);
    return answer ?? {state: 'unknown', readings: {}, why: 'there was no answer'};
  };
  return Object.assign(single, {askAll});
}

/** The network namespace that it was done in is gone. */
async function hasGone(engine: Engine, {ref}: Op): Promise<boolean> {
  try {
    const view = await inspectContainer(engine, ref.object, AbortSignal.timeout(5_000));
    return view === 'gone' || !view.running || view.startedAt !== ref.incarnation;
  } catch {
    return false;
  }
}

function sendTogether(operation: Operation, engine: Engine, ops: readonly Op[], sending: Sending) {
  return (
    operation.sendAll?.(engine, ops, sending) ?? mapInFlight(ops, IN_FLIGHT, op => operation.send(engine, op, sending))
  );
}

function withSend(operation: Operation, sendAll: NonNullable<Operation['sendAll']>): Operation {
  return {
    ...operation,
    sendAll,
    send: async (engine, op, sending) => {
      const [outcome] = await sendAll(engine, [op], sending);
      return outcome ?? NO_ANSWER;
    },
  };
}
