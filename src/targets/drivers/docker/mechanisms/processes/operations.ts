import {setTimeout as delay} from 'node:timers/promises';
import type {JsonObject} from '../../../../../quantities/json.js';
import type {Op, ProofAnswer} from '../../../../contract.js';
import {
  choiceFrom,
  hasTakenEffect,
  matching,
  namesFrom,
  stillThere,
  type InnerProcess,
} from '../../../inner-processes.js';
import {inspectContainer, readingsOf, type ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {messageOf, type MutationOutcome} from '../../engine/failures.js';
import {innerProcesses, signalInner} from './find.js';
import {numberArgument, textArgument, type Operation, type ContainerQuestion, type Sending} from '../operation.js';

const READ_MS = 5_000;
const SHOWS_WITHIN_MS = 2_000;
const POLL_MS = 10;
const DONE: MutationOutcome = {state: 'done'};

function refused(why: string): MutationOutcome {
  return {state: 'refused', status: undefined, why};
}

/** The container while it is the incarnation whose processes are meant. */
async function sameContainer(engine: Engine, {ref}: Op): Promise<ContainerView | undefined> {
  const view = await inspectContainer(engine, ref.object, AbortSignal.timeout(READ_MS));
  return view !== 'gone' && view.running && view.startedAt === ref.incarnation ? view : undefined;
}

/** A signal takes effect when its process is scheduled: on a busy machine that takes a moment. */
async function untilItShows(engine: Engine, view: ContainerView, args: JsonObject): Promise<void> {
  const signal = AbortSignal.timeout(SHOWS_WITHIN_MS);
  const looks = async () => seen(await innerProcesses(engine, view, signal), args);
  while (!hasTakenEffect(`SIG${textArgument(args, 'signal')}`, await looks()))
    await delay(POLL_MS, undefined, {signal});
}

/** Signals the processes that were planned; refused when none of them is left. */
const signalProcesses: Operation = {
  send: async (engine: Engine, op: Op, {budgetMs}: Sending) => {
    try {
      const view = await sameContainer(engine, op);
      if (view === undefined) return refused('the container was restarted, or does not run any more');
      const names = namesFrom(op.args);
      const there = stillThere(await innerProcesses(engine, view, AbortSignal.timeout(READ_MS)), names);
      if (there.length === 0) return refused('the processes that were planned have ended');
      const signal = textArgument(op.args, 'signal');
      const outcome = await signalInner(engine, view, names, {ref: op.ref, signal, budgetMs});
      // The proof decides whether it has.
      await untilItShows(engine, view, op.args).catch(() => undefined);
      return outcome;
    } catch (error) {
      return refused(messageOf(error));
    }
  },
};

/** Nothing to do where the container was restarted: its processes are others. */
const continueProcesses: Operation = {
  send: async (engine: Engine, op: Op, {budgetMs}: Sending) => {
    try {
      const view = await sameContainer(engine, op);
      if (view === undefined) return DONE;
      return await signalInner(engine, view, namesFrom(op.args), {ref: op.ref, signal: 'CONT', budgetMs});
    } catch (error) {
      return {state: 'unknown', status: undefined, why: messageOf(error)};
    }
  },
};

export const operations: Readonly<Record<string, Operation>> = {
  'processes.signal': signalProcesses,
  'processes.continue': continueProcesses,
};

/** What became of the processes that an operation's arguments name. */
function seen(all: readonly InnerProcess[], args: JsonObject) {
  const names = namesFrom(args);
  const living = stillThere(all, names);
  const stopped = living.filter(({state}) => state === 'T');
  const readings = {planned: names.length, living: living.length, stopped: stopped.length};
  return {living: living.length, stopped: stopped.length, readings};
}

/** Answers about the processes of the incarnation that was planned; of another one there is nothing left. */
function aboutProcesses(
  otherwise: ProofAnswer['state'],
  answer: (all: readonly InnerProcess[], args: JsonObject) => ProofAnswer,
): ContainerQuestion {
  return async ({engine, view, args, signal}) => {
    if (view === 'gone') return {state: otherwise, readings: {status: 'gone'}};
    if (!view.running || view.startedAt !== textArgument(args, 'incarnation')) {
      return {state: otherwise, readings: readingsOf(view)};
    }
    const said = answer(await innerProcesses(engine, view, signal), args);
    return {...said, readings: {...readingsOf(view), ...said.readings}};
  };
}

/** All that are left stand still. One that goes on was continued by someone. */
const areStopped = aboutProcesses('absent', (all, args) => {
  const {living, stopped, readings} = seen(all, args);
  return {state: living > 0 && stopped === living ? 'in-force' : 'absent', readings};
});

const anyStopped = aboutProcesses('absent', (all, args) => {
  const {stopped, readings} = seen(all, args);
  return {state: stopped > 0 ? 'in-force' : 'absent', readings};
});

const haveEnded = aboutProcesses('in-force', (all, args) => {
  const {living, readings} = seen(all, args);
  if (living === 0) return {state: 'in-force', readings};
  const signal = textArgument(args, 'signal');
  if (signal === 'KILL') return {state: 'absent', readings};
  return {state: 'unknown', readings, why: `${living} still run: SIG${signal} may have been handled`};
});

/** As many as before match again, or the container was restarted and has all that it starts with. */
const areMissing: ContainerQuestion = async ({engine, view, args, signal}) => {
  if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
  if (!view.running) return {state: 'in-force', readings: readingsOf(view)};
  if (view.startedAt !== textArgument(args, 'incarnation')) return {state: 'absent', readings: readingsOf(view)};
  const now = matching(await innerProcesses(engine, view, signal), choiceFrom(args)).length;
  const before = numberArgument(args, 'before') ?? 0;
  return {state: now < before ? 'in-force' : 'absent', readings: {...readingsOf(view), before, now}};
};

export const questions: Readonly<Record<string, ContainerQuestion>> = {
  'are-stopped': areStopped,
  'any-stopped': anyStopped,
  'have-ended': haveEnded,
  'are-missing': areMissing,
};
