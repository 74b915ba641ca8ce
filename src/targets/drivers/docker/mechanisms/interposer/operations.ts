import {rmSync} from 'node:fs';
import type {JsonObject} from '../../../../../quantities/json.js';
import type {InterposerReply, Status} from '../../../../../interposer/protocol.js';
import {listingScript, removalScript, unhookScript} from '../../../../../interposer/rules.js';
import {describeError} from '../../../../../system/error.js';
import {identityOf, killAndWait, waitForEnd} from '../../../../../system/processes.js';
import {inspectContainer, readingsOf, type ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import type {MutationOutcome} from '../../engine/failures.js';
import {hostPid} from '../../engine/host-pid.js';
import {complaintOf} from '../../../../linux/entrance.js';
import {entranceTo} from '../../entrance/run.js';
import {askInterposer, isThere, processesOf, tellInterposer} from './home.js';
import {startInterposer} from './start.js';
import {numberArgument, textArgument, type Operation, type ContainerQuestion} from '../operation.js';
import type {ProofAnswer} from '../../../../contract.js';

/** How long what is under way may take to end at an undo, ms. */
const DRAIN_MS = 2_000;
/** The drain itself, the rules before it and a busy machine. */
const DRAIN_LIMIT_MS = 5_000;
/** A supervisor whose process was killed tidies up and ends. */
const TIDY_MS = 2_000;

const refused = (why: string): MutationOutcome => ({state: 'refused', status: undefined, why});

interface InterposerNames {
  readonly folder: string;
  readonly tag: string;
}

function namesIn(args: JsonObject): InterposerNames {
  return {folder: textArgument(args, 'folder'), tag: textArgument(args, 'tag')};
}

function objectArgument(args: JsonObject, name: string): JsonObject {
  const value = args[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** Everything slow and fallible: the process listens in the namespace, and no packet goes there yet. */
const start: Operation = {
  send: async (engine, {ref, args}, {budgetMs, run}) => {
    const {folder, tag} = namesIn(args);
    try {
      const view = await inspectContainer(engine, ref.object, AbortSignal.timeout(5_000));
      if (view === 'gone') return refused('the container no longer exists');
      if (view.startedAt !== ref.incarnation) return refused(`it was restarted at ${view.startedAt}`);
      const found = hostPid(engine, view);
      if ('why' in found) return refused(found.why);
      const running = await tellInterposer(folder, {do: 'status'}, 2_000);
      if (running?.ok === true) return {state: 'done'};
      const target = await identityOf(found.pid);
      if (target === undefined) return refused('the container ended meanwhile');
      const [mode, gid] = [textArgument(args, 'mode'), numberArgument(args, 'gid') ?? 0];
      const leaseMs = numberArgument(args, 'leaseMs') ?? 0;
      const options = objectArgument(args, 'options');
      const why = await startInterposer(folder, {tag, run, mode, options, target, gid, leaseMs}, budgetMs);
      return why === undefined ? {state: 'done'} : refused(`the interposer did not start: ${why}`);
    } catch (error) {
      return refused(describeError(error));
    }
  },
};

/** From here on the redirected packets meet the interposer. */
const redirect: Operation = {
  send: async (_engine, {args}, {budgetMs}) => {
    const reply = await tellInterposer(namesIn(args).folder, {do: 'redirect'}, budgetMs);
    if (reply === undefined) return refused('the interposer is not there any more');
    return reply.ok ? {state: 'done'} : refused(`the interposer could not redirect: ${reply.why}`);
  },
};

/** The container runs, as the one that was hit: its namespace may hold rules of ours. */
function isSame(view: ContainerView | 'gone', incarnation: string): view is ContainerView {
  return view !== 'gone' && view.running && view.startedAt === incarnation;
}

/** Rules first: from then on the service answers by itself, whatever becomes of the process. */
const end: Operation = {
  send: async (engine, {ref, args}, {budgetMs}) => {
    const {folder, tag} = namesIn(args);
    const deadline = performance.now() + budgetMs;
    const left = () => Math.max(1, deadline - performance.now());
    try {
      const view = await inspectContainer(engine, ref.object, AbortSignal.timeout(Math.ceil(left())));
      const here = isSame(view, ref.incarnation) ? view : undefined;
      const inside = (script: string) => (here === undefined ? undefined : undoRules(engine, here, script, left()));
      await inside(unhookScript(tag));
      const drained = await tellInterposer(folder, {do: 'drain', withinMs: DRAIN_MS}, Math.min(left(), DRAIN_LIMIT_MS));
      await endProcesses(folder, drained);
      const why = await inside(removalScript(tag));
      if (why !== undefined) return {state: 'unknown', status: undefined, why};
      rmSync(folder, {recursive: true, force: true});
      return {state: 'done'};
    } catch (error) {
      return {state: 'unknown', status: undefined, why: describeError(error)};
    }
  },
};

/** Undefined when the script found nothing left to do. */
async function undoRules(
  engine: Engine,
  view: ContainerView,
  script: string,
  budgetMs: number,
): Promise<string | undefined> {
  const [ran] = await entranceTo(engine).run([{place: view, script}], {budgetMs});
  if (ran?.code === 0) return undefined;
  return `the redirect rules could not be removed: ${ran === undefined ? 'no answer' : complaintOf(ran)}`;
}

/** They end by themselves when they were drained; whoever does not is killed, the interposer before its supervisor. */
async function endProcesses(folder: string, drained: InterposerReply | undefined): Promise<void> {
  const found = await processesOf(folder);
  for (const who of [...found].reverse()) {
    const ended = drained?.ok === true && (await waitForEnd(who, TIDY_MS));
    if (!ended) await killAndWait(who, TIDY_MS);
  }
}

export const operations: Readonly<Record<string, Operation>> = {
  'interposer.start': start,
  'interposer.redirect': redirect,
  'interposer.end': end,
};

/** The chains that are there, though nobody may be behind them; `undefined` when they cannot be read. */
async function rulesLeft(engine: Engine, view: ContainerView, tag: string, signal: AbortSignal) {
  const [ran] = await entranceTo(engine).run([{place: view, script: listingScript(tag)}], {signal});
  if (ran?.code !== 0) return {why: ran === undefined ? 'no answer' : complaintOf(ran)};
  return {rules: ran.stdout.split('\n').filter(line => line.includes('-A ')).length};
}

function shownBy(view: ContainerView, {rules, wanted, leaseLeftMs, counters}: Status): ProofAnswer {
  const {exercised, ...counted} = counters;
  const readings = {...readingsOf(view), rules, leaseLeftMs, ...counted};
  const complete = rules >= wanted && wanted > 0;
  const why = rules > 0 && !complete ? `${rules} of ${wanted} redirect rules are there` : undefined;
  return {state: complete ? 'in-force' : 'absent', exercised, readings, ...(why === undefined ? {} : {why})};
}

/** The rules as the kernel holds them, and what the interposer counted. */
const isRedirecting: ContainerQuestion = async ({engine, view, args, signal}) => {
  if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
  if (view.startedAt !== textArgument(args, 'incarnation')) return {state: 'absent', readings: readingsOf(view)};
  const {folder, tag} = namesIn(args);
  const reply = await askInterposer(folder, {do: 'status'}, signal);
  if (reply !== undefined) {
    if ('rules' in reply) return shownBy(view, reply);
    return {state: 'unknown', readings: readingsOf(view), why: reply.ok ? 'no answer' : reply.why};
  }
  if (!view.running) return {state: 'absent', readings: readingsOf(view)};
  const found = await rulesLeft(engine, view, tag, signal);
  if ('why' in found) return {state: 'unknown', readings: readingsOf(view), why: found.why};
  const readings = {...readingsOf(view), rules: found.rules};
  if (found.rules === 0) return {state: 'absent', readings, why: 'the interposer has ended and took its rules with it'};
  return {state: 'unknown', readings, why: 'the interposer is dead, but its rules are still there'};
};

/** For the undo: `in-force` while anything of it is left, be it rules, a process or a file. */
const isLeft: ContainerQuestion = async ({engine, view, args, signal}) => {
  const {folder, tag} = namesIn(args);
  const processes = (await processesOf(folder)).length;
  const readings = {processes, folder: isThere(folder)};
  if (processes > 0 || readings.folder) return {state: 'in-force', readings};
  if (!isSame(view, textArgument(args, 'incarnation'))) return {state: 'absent', readings};
  const found = await rulesLeft(engine, view, tag, signal);
  if ('why' in found) return {state: 'unknown', readings, why: `its rules cannot be read: ${found.why}`};
  return {state: found.rules > 0 ? 'in-force' : 'absent', readings: {...readings, rules: found.rules}};
};

export const questions: Readonly<Record<string, ContainerQuestion>> = {
  'interposer.is-redirecting': isRedirecting,
  'interposer.is-left': isLeft,
};
