import {rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {makeFolder} from '../../../../../system/files.js';
import type {JsonObject} from '../../../../../quantities/json.js';
import {describeError} from '../../../../../system/error.js';
import {machineId} from '../../../../../system/processes.js';
import type {Op, ProofAnswer} from '../../../../contract.js';
import {cgroupsOf, joinFiles} from '../../../../linux/cgroups.js';
import {effectOf, endStressors, prepareStressors, releaseStressors, usageOf} from '../../../../linux/stressors.js';
import {stressFrom} from '../../../../linux/stress-plan.js';
import {taggedProcesses} from '../../../../linux/tagged.js';
import {readCgroup, readMembers} from '../../engine/cgroup.js';
import {inspectContainer, readingsOf, type ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import type {MutationOutcome} from '../../engine/failures.js';
import {hostPid} from '../../engine/host-pid.js';
import {hostFolderOf, containerFolderFrom} from '../container-folder.js';
import {textArgument, type Operation, type ContainerQuestion} from '../operation.js';

const READ_MS = 5_000;
/** Until stressors show an effect; what takes longer is waited for by the proof. */
const EFFECT_MS = 3_000;

const refused = (why: string): MutationOutcome => ({state: 'refused', status: undefined, why});
const unknown = (why: string): MutationOutcome => ({state: 'unknown', status: undefined, why});

/** The stressors are processes of the machine that drafted them: elsewhere nobody can tell. */
export function elsewhere(args: JsonObject): string | undefined {
  const machine = textArgument(args, 'machine');
  if (machine === machineId()) return undefined;
  return `it can only be seen on the engine's host, where it was made (machine ${machine}); this is ${machineId()}`;
}

/** Runs local work; an error of it leaves open what happened. */
export async function locally(args: JsonObject, work: () => Promise<string | undefined>): Promise<MutationOutcome> {
  const why = elsewhere(args);
  if (why !== undefined) return refused(why);
  try {
    const failed = await work();
    return failed === undefined ? {state: 'done'} : refused(failed);
  } catch (error) {
    return unknown(describeError(error));
  }
}

/** The folder of the stressors' files, in the container's own file system. */
async function workFolder(engine: Engine, view: ContainerView | 'gone', args: JsonObject): Promise<string | undefined> {
  if (args['place'] === undefined) return undefined;
  const folder = await hostFolderOf(engine, view, containerFolderFrom(args['place']));
  return folder === undefined ? undefined : join(folder, `.firedrill-io-${stressFrom(args).tag}`);
}

async function present(engine: Engine, op: Op): Promise<{view: ContainerView; pid: number} | string> {
  const view = await inspectContainer(engine, op.ref.object, AbortSignal.timeout(READ_MS));
  if (view === 'gone') return 'the container no longer exists';
  if (!view.running || view.startedAt !== op.ref.incarnation) return 'it was stopped or restarted meanwhile';
  const found = hostPid(engine, view);
  return 'why' in found ? found.why : {view, pid: found.pid};
}

async function prepare(engine: Engine, op: Op, budgetMs: number): Promise<string | undefined> {
  const found = await present(engine, op);
  if (typeof found === 'string') return found;
  const {view, pid} = found;
  const {tag, argv} = stressFrom(op.args);
  const folder = await workFolder(engine, view, op.args);
  if (folder !== undefined) await makeFolder(folder);
  const rows = cgroupsOf(pid).filter(({path}) => path.includes(view.id));
  return prepareStressors(
    {
      tag,
      argv: [...argv, '--temp-path', folder ?? '/tmp'],
      join: joinFiles(rows),
      enter: view.pidMode === '' ? pid : undefined,
    },
    budgetMs,
  );
}

async function end(engine: Engine, op: Op, budgetMs: number): Promise<string | undefined> {
  if (!(await endStressors(stressFrom(op.args).tag, budgetMs))) return 'some stressors still run after a SIGKILL';
  if (op.args['place'] === undefined) return undefined;
  const view = await inspectContainer(engine, op.ref.object, AbortSignal.timeout(READ_MS));
  const folder = await workFolder(engine, view, op.args);
  if (folder !== undefined) await rm(folder, {recursive: true, force: true});
  return undefined;
}

export const operations: Readonly<Record<string, Operation>> = {
  'container.prepare-stress': {
    send: (engine, op, {budgetMs}) => locally(op.args, () => prepare(engine, op, budgetMs)),
  },
  'container.stress': {
    send: (_engine, {args}, {budgetMs}) => locally(args, () => release(args, budgetMs)),
    // All are let go before any is waited for.
    sendAll: (_engine, ops, {budgetMs}) =>
      Promise.all(ops.map(({args}) => locally(args, () => release(args, budgetMs)))),
  },
  'container.end-stress': {
    outlives: true,
    send: (engine, op, {budgetMs}) => locally(op.args, () => end(engine, op, budgetMs)),
  },
};

function release(args: JsonObject, budgetMs: number): Promise<string | undefined> {
  return releaseStressors(stressFrom(args).tag, stressFrom(args), Math.min(budgetMs, EFFECT_MS));
}

/** At work in the container's own cgroup, and with the effect that was asked for. */
const isStressed: ContainerQuestion = async ({engine, view, args}): Promise<ProofAnswer> => {
  const why = elsewhere(args);
  if (why !== undefined) return {state: 'unknown', readings: {}, why};
  if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
  const stress = stressFrom(args);
  const members = view.running ? await readMembers(engine, view) : [];
  const usage = usageOf(taggedProcesses(stress.tag, members));
  const stats = await readCgroup(engine, view);
  const cgroup = stats === undefined ? {} : {cgroup: {...stats}};
  const readings = {...readingsOf(view), asked: stress.asked, ...usage, ...cgroup};
  if (usage.working === 0) return {state: 'absent', readings};
  const effect = effectOf(stress, usage);
  if (!effect.done) return {state: 'unknown', readings, exercised: effect.work, why: effect.why};
  return {state: 'in-force', readings, exercised: effect.work};
};

/** Anything of ours is left: a process anywhere on the machine, or the folder of its files. */
const hasStressors: ContainerQuestion = async ({engine, view, args}): Promise<ProofAnswer> => {
  const why = elsewhere(args);
  if (why !== undefined) return {state: 'unknown', readings: {}, why};
  const pids = taggedProcesses(stressFrom(args).tag).map(({pid}) => pid);
  const folder = await workFolder(engine, view, args);
  const left =
    folder !== undefined &&
    (await stat(folder).then(
      () => true,
      () => false,
    ));
  return {state: pids.length > 0 || left ? 'in-force' : 'absent', readings: {pids, ...(left ? {folder} : {})}};
};

export const questions: Readonly<Record<string, ContainerQuestion>> = {
  'is-stressed': isStressed,
  'has-stressors': hasStressors,
};
