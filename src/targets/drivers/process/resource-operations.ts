import {rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {makeFolder} from '../../../system/files.js';
import type {Json, JsonObject} from '../../../quantities/json.js';
import {isAlive, type ProcessIdentity} from '../../../system/processes.js';
import type {Op, ProofAnswer} from '../../contract.js';
import {joinFiles, mayWrite, ownCgroups} from '../../linux/cgroups.js';
import {allocatedAt, createFill, removeFill, spaceAt} from '../../linux/fill-file.js';
import {coveredFrom, lower, lowering, putBack} from '../../linux/lowering.js';
import {familyOf, sharesNamespace} from '../../linux/namespaces.js';
import {effectOf, endStressors, prepareStressors, releaseStressors, usageOf} from '../../linux/stressors.js';
import {stressFrom} from '../../linux/stress-plan.js';
import {taggedProcesses} from '../../linux/tagged.js';
import {identityFrom} from './objects.js';

/** Until stressors show an effect; what takes longer is waited for by the proof. */
const EFFECT_MS = 3_000;
const MOSTLY = 0.95;

/** One mutation; answers why it was not done, or nothing. */
type Mutation = (work: {
  readonly op: Op;
  readonly who: ProcessIdentity | undefined;
  readonly budgetMs: number;
}) => Promise<string | undefined>;

function textOf(args: JsonObject, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}

/** The folder of the stressors' files; undefined for stress that has none. */
function workFolder(args: JsonObject): string | undefined {
  const folder = textOf(args, 'folder');
  return folder === undefined ? undefined : join(folder, `.firedrill-io-${stressFrom(args).tag}`);
}

const GONE = 'the process has ended';

const prepareStress: Mutation = async ({op, who, budgetMs}) => {
  if (who === undefined || !(await isAlive(who))) return GONE;
  const {tag, argv} = stressFrom(op.args);
  const folder = workFolder(op.args);
  if (folder !== undefined) await makeFolder(folder);
  const files = joinFiles(ownCgroups(who.pid));
  return prepareStressors(
    {
      tag,
      argv: [...argv, '--temp-path', folder ?? '/tmp'],
      join: mayWrite(files) ? files : [],
      enter: sharesNamespace(who.pid, 'pid') ? undefined : who.pid,
    },
    budgetMs,
  );
};

const endStress: Mutation = async ({op, budgetMs}) => {
  if (!(await endStressors(stressFrom(op.args).tag, budgetMs))) return 'some stressors still run after a SIGKILL';
  const folder = workFolder(op.args);
  if (folder !== undefined) await rm(folder, {recursive: true, force: true});
  return undefined;
};

const fillDisk: Mutation = async ({op: {args}, who, budgetMs}) => {
  if (who === undefined || !(await isAlive(who))) return GONE;
  return createFill(textOf(args, 'file') ?? '', Number(args['bytes']), budgetMs);
};

const removeFile: Mutation = async ({op: {args}}) => {
  const file = textOf(args, 'file');
  if (file !== undefined) await removeFill(file);
  return undefined;
};

const descendants = (who: ProcessIdentity | undefined) => (who === undefined ? [] : familyOf(who.pid));

export const resourceMutations: Readonly<Record<string, Mutation>> = {
  'process.prepare-stress': prepareStress,
  'process.stress': ({op: {args}, budgetMs}) =>
    releaseStressors(stressFrom(args).tag, stressFrom(args), Math.min(budgetMs, EFFECT_MS)),
  'process.end-stress': endStress,
  'process.fill-disk': fillDisk,
  'process.remove-fill': removeFile,
  'process.lower-descriptors': ({op: {args}}) => lower(coveredFrom(args)),
  'process.restore-descriptors': ({op: {args}, who}) => putBack(coveredFrom(args), descendants(who)),
};

async function stressed({ref, args}: Op): Promise<ProofAnswer> {
  const who = identityFrom(ref.incarnation);
  const stress = stressFrom(args);
  const usage = usageOf(taggedProcesses(stress.tag));
  const readings = {asked: stress.asked, ...usage};
  if (usage.working === 0) return {state: 'absent', readings};
  if (who === undefined || !(await isAlive(who))) return {state: 'absent', readings, why: GONE};
  const {done, work, why} = effectOf(stress, usage);
  return done ? {state: 'in-force', readings, exercised: work} : {state: 'unknown', readings, exercised: work, why};
}

/** Anything of ours is left: a process, or the folder of its files. */
async function stressors({args}: Op): Promise<ProofAnswer> {
  const pids = taggedProcesses(stressFrom(args).tag).map(({pid}) => pid);
  const folder = workFolder(args);
  const left =
    folder !== undefined &&
    (await stat(folder).then(
      () => true,
      () => false,
    ));
  return {state: pids.length > 0 || left ? 'in-force' : 'absent', readings: {pids, folder: left ? folder : null}};
}

async function filled({args}: Op): Promise<ProofAnswer> {
  const file = textOf(args, 'file') ?? '';
  const allocated = await allocatedAt(file);
  if (allocated === undefined) return {state: 'absent', readings: {file: null}};
  const readings = {file, allocated, free: (await spaceAt(join(file, '..'))).free};
  const asked = Number(args['bytes'] ?? 0);
  if (allocated >= MOSTLY * asked) return {state: 'in-force', readings};
  return {state: 'unknown', readings, why: `the file has ${allocated} of the ${asked} bytes asked for`};
}

function shortOfDescriptors({ref, args}: Op): Promise<ProofAnswer> {
  const {lowered, exhausted, all} = lowering(coveredFrom(args), descendants(identityFrom(ref.incarnation)));
  const readings = {lowered: lowered.map(({pid}) => pid), covered: all, exhausted};
  return Promise.resolve({state: lowered.length > 0 ? 'in-force' : 'absent', readings, exercised: exhausted});
}

export const resourceProofs: Readonly<Record<string, (op: Op) => Promise<ProofAnswer>>> = {
  'process.stressed': stressed,
  'process.stressors': stressors,
  'process.filled': filled,
  'process.short-of-descriptors': shortOfDescriptors,
};

/** The value that an undo with `restore` compares. */
export function resourceValue({args}: Op): Json {
  return lowering(coveredFrom(args)).value;
}
