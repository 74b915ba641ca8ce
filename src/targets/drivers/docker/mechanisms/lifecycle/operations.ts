import {constants} from 'node:os';
import type {JsonObject} from '../../../../../quantities/json.js';
import {readingsOf, inspectContainer, type ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {readEvents} from '../../engine/events.js';
import {messageOf, type MutationOutcome} from '../../engine/failures.js';
import {hostPid} from '../../engine/host-pid.js';
import {
  numberArgument,
  textArgument,
  type AskedContainer,
  type Operation,
  type ContainerQuestion,
} from '../operation.js';
import type {ProofAnswer} from '../../../../contract.js';

/** An event must hit the incarnation that was planned: one that started since is another one. */
function sameIncarnation(view: ContainerView, args: JsonObject): string | undefined {
  const planned = textArgument(args, 'incarnation');
  if (view.startedAt === planned) return undefined;
  return `it was restarted at ${view.startedAt}, after it was planned (running since ${planned})`;
}

function hasEnded(view: ContainerView, args: JsonObject): boolean {
  return !view.running || view.startedAt !== textArgument(args, 'incarnation');
}

const pause: Operation = {
  send: (engine, {ref}, {budgetMs}) => engine.mutate(() => engine.docker.getContainer(ref.object).pause(), budgetMs),
  landed: view => view.paused,
};

const unpause: Operation = {
  send: (engine, {ref}, {budgetMs}) => engine.mutate(() => engine.docker.getContainer(ref.object).unpause(), budgetMs),
  landed: view => !view.paused,
  refusedWhenDone: true,
};

const kill: Operation = {
  guard: sameIncarnation,
  send: (engine, {ref, args}, {budgetMs}) => {
    const signal = textArgument(args, 'signal');
    return engine.mutate(() => engine.docker.getContainer(ref.object).kill({signal}), budgetMs);
  },
  landed: hasEnded,
};

/**
 * The engine's own kill counts as a person's stop, after which no restart policy fires; a signal to the process itself
 * looks like the crash that the policy is there for.
 */
async function crashProcess(engine: Engine, id: string, args: JsonObject): Promise<MutationOutcome> {
  const refused = (why: string): MutationOutcome => ({state: 'refused', status: undefined, why});
  try {
    const view = await inspectContainer(engine, id, AbortSignal.timeout(5000));
    if (view === 'gone') return refused('the container is gone');
    const stale = sameIncarnation(view, args);
    if (stale !== undefined) return refused(stale);
    const found = hostPid(engine, view);
    if ('why' in found) return refused(found.why);
    process.kill(found.pid, textArgument(args, 'signal'));
    return {state: 'done'};
  } catch (error) {
    return refused(messageOf(error));
  }
}

const crash: Operation = {
  send: (engine, {ref, args}) => crashProcess(engine, ref.object, args),
  landed: hasEnded,
};

function graceSeconds(args: JsonObject): number {
  return Math.ceil((numberArgument(args, 'graceMs') ?? 0) / 1000);
}

const stop: Operation = {
  guard: sameIncarnation,
  send: (engine, {ref, args}, {budgetMs}) =>
    engine.mutate(() => engine.docker.getContainer(ref.object).stop({t: graceSeconds(args)}), budgetMs),
  landed: hasEnded,
};

const restart: Operation = {
  guard: sameIncarnation,
  send: (engine, {ref, args}, {budgetMs}) =>
    engine.mutate(() => engine.docker.getContainer(ref.object).restart({t: graceSeconds(args)}), budgetMs),
  landed: (view, args) => view.running && hasEnded(view, args),
};

const start: Operation = {
  send: (engine, {ref}, {budgetMs}) => engine.mutate(() => engine.docker.getContainer(ref.object).start(), budgetMs),
  landed: view => view.running,
};

export const operations: Readonly<Record<string, Operation>> = {
  'container.pause': pause,
  'container.unpause': unpause,
  'container.kill': kill,
  'container.crash': crash,
  'container.stop': stop,
  'container.restart': restart,
  'container.start': start,
};

/**
 * A restarted container that is frozen counts too: whoever froze it, it is frozen, and forgetting it would be worse.
 */
const isPaused: ContainerQuestion = Object.assign(
  ({view}: AskedContainer): ProofAnswer => {
    if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
    return {state: view.paused ? 'in-force' : 'absent', readings: readingsOf(view)};
  },
  {
    byState: (state: string): ProofAnswer => ({
      state: state === 'paused' ? 'in-force' : 'absent',
      readings: {status: state},
    }),
  },
);

const isDown: ContainerQuestion = ({view}) => {
  if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
  return {state: view.running ? 'absent' : 'in-force', readings: readingsOf(view)};
};

/** Was this signal delivered since the fault was drafted? */
async function signalSeen(engine: Engine, id: string, args: JsonObject, signal: AbortSignal): Promise<boolean> {
  const until = (await engine.info(signal)).SystemTime ?? new Date().toISOString();
  const events = await readEvents(engine, {id, event: 'kill', since: textArgument(args, 'since'), until}, signal);
  const wanted = String(constants.signals[textArgument(args, 'signal') as NodeJS.Signals]);
  return events.some(event => event['signal'] === wanted);
}

/** An event has happened once the incarnation that was planned no longer runs, or once its signal was delivered. */
const hasHappened: ContainerQuestion = async ({engine, view, args, signal}) => {
  if (view === 'gone') return {state: 'in-force', readings: {status: 'gone'}};
  const readings = {...readingsOf(view), exitCode: view.exitCode};
  if (hasEnded(view, args)) return {state: 'in-force', readings};
  const sent = textArgument(args, 'signal');
  if (sent === '' || sent === 'SIGKILL') return {state: 'absent', readings};
  if (args['by'] === 'crash') {
    return {state: 'unknown', readings, why: `it still runs: ${sent} may have been handled`};
  }
  const delivered = await signalSeen(engine, view.id, args, signal);
  return {state: delivered ? 'in-force' : 'absent', readings: {...readings, delivered}};
};

export const questions: Readonly<Record<string, ContainerQuestion>> = {
  'is-paused': isPaused,
  'is-down': isDown,
  'has-happened': hasHappened,
};
