import type {Op, ProofAnswer} from '../../../contract.js';
import {inspectContainer, readingsOf, type ContainerView} from '../engine/container.js';
import {IN_FLIGHT, type Engine} from '../engine/engine.js';
import {messageOf, type MutationOutcome} from '../engine/failures.js';
import {mapInFlight} from '../../../../system/in-flight.js';
import {notedView, type Enterable} from '../entrance/entrance.js';
import {complaintOf, type Job, type Ran, type ScriptedChange, type ScriptedQuestion} from '../../../linux/entrance.js';
import {entranceTo} from '../entrance/run.js';
import {
  numberArgument,
  type AskedContainer,
  type Operation,
  type ContainerQuestion,
  type Sending,
} from './operation.js';

/** Operations and questions that are a script in the container's network namespace: all containers in one go. */

const READ_LIMIT_MS = 5_000;

async function viewOf(engine: Engine, op: Op, isBound: boolean): Promise<Enterable | string> {
  const noted = notedView(engine, op.ref, numberArgument(op.args, 'pid'));
  if (noted !== undefined) return noted;
  try {
    const view = await inspectContainer(engine, op.ref.object, AbortSignal.timeout(READ_LIMIT_MS));
    if (view === 'gone') return 'the container no longer exists';
    if (!view.running) return `the container is \`${view.status}\`: it has no network namespace`;
    const restarted = isBound && view.startedAt !== op.ref.incarnation;
    return restarted ? `it was restarted at ${view.startedAt}, after this was drafted` : view;
  } catch (error) {
    return `the container cannot be read: ${messageOf(error)}`;
  }
}

/** A script that fails has stopped half-way: whoever asked rolls back, and looks at what is there. */
function outcomeOf(ran: Ran): MutationOutcome {
  if (ran.code === 0) return {state: 'done'};
  return {state: ran.code === undefined ? 'unknown' : 'refused', status: undefined, why: complaintOf(ran)};
}

async function sendAll(
  engine: Engine,
  ops: readonly Op[],
  what: ScriptedChange,
  {budgetMs, run}: Sending,
): Promise<readonly MutationOutcome[]> {
  const end = performance.now() + budgetMs;
  const views = await mapInFlight(ops, IN_FLIGHT, op => viewOf(engine, op, what.isBound));
  const jobs: Job<Enterable>[] = [];
  const outcomes = views.map((view, index): MutationOutcome | number => {
    if (typeof view === 'string') return {state: 'refused', status: undefined, why: view};
    return jobs.push({place: view, script: what.script(ops[index]?.args ?? {}, run)}) - 1;
  });
  const left = Math.floor(end - performance.now());
  const ran = await entranceTo(engine).run(jobs, {budgetMs: Math.max(1, left), run});
  return outcomes.map(one => {
    if (typeof one !== 'number') return one;
    const done = ran[one];
    return done === undefined ? {state: 'unknown', status: undefined, why: 'it was not run'} : outcomeOf(done);
  });
}

/** An operation that runs a script in the network namespace of each container. */
export function scripted(what: ScriptedChange): Operation {
  const all: NonNullable<Operation['sendAll']> = (engine, ops, sending) => sendAll(engine, ops, what, sending);
  return {
    sendAll: all,
    send: async (engine, op, sending) => {
      const [outcome] = await all(engine, [op], sending);
      return outcome ?? {state: 'unknown', status: undefined, why: 'it was not run'};
    },
  };
}

/** A question that a script in the network namespace of each running container answers. */
export function scriptedQuestion(what: ScriptedQuestion): ContainerQuestion {
  const askAll: NonNullable<ContainerQuestion['askAll']> = async (engine, asked, signal) => {
    const jobs: Job<Enterable>[] = [];
    const answers = asked.map(({view, args}: AskedContainer): ProofAnswer | number => {
      if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
      // Its network namespace went with its last process.
      if (!view.running)
        return {state: 'absent', readings: readingsOf(view), why: `the container is \`${view.status}\``};
      return jobs.push({place: view, script: what.script(args)}) - 1;
    });
    const ran = await entranceTo(engine).run(jobs, {signal});
    return answers.map((one, index) => {
      if (typeof one !== 'number') return one;
      const done = ran[one];
      const {view, args} = asked[index] ?? {};
      return done === undefined || view === undefined || view === 'gone'
        ? unreadable('it was not run')
        : answerOf(done, view, () => what.judge(done.stdout, args ?? {}));
    });
  };
  const question: ContainerQuestion = async ({engine, view, args, signal}) => {
    const [answer] = await askAll(engine, [{view, args}], signal);
    return answer ?? unreadable('it was not run');
  };
  return Object.assign(question, {askAll});
}

function unreadable(why: string): ProofAnswer {
  return {state: 'unknown', readings: {}, why};
}

function answerOf(ran: Ran, view: ContainerView, judge: () => ProofAnswer): ProofAnswer {
  if (ran.code !== 0) return unreadable(complaintOf(ran));
  try {
    const {readings, ...rest} = judge();
    return {...rest, readings: {...readingsOf(view), ...readings}};
  } catch (error) {
    return unreadable(`what its tools printed cannot be read: ${messageOf(error)}`);
  }
}
