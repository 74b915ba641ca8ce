import {join} from 'node:path';
import type {JsonObject} from '../../../../../quantities/json.js';
import type {Op, ProofAnswer} from '../../../../contract.js';
import {allocatedAt, createFill, removeFill, spaceAt} from '../../../../linux/fill-file.js';
import {inspectContainer, type ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {hostFolderOf, containerFolderFrom} from '../container-folder.js';
import {numberArgument, textArgument, type Operation, type ContainerQuestion} from '../operation.js';
import {elsewhere, locally} from '../stress/operations.js';

const READ_MS = 5_000;
/** File systems count in blocks of their own: so much of what was asked is all of it. */
const MOSTLY = 0.95;

/** Where the file is now; undefined where its folder no longer exists. */
async function fileOf(engine: Engine, view: ContainerView | 'gone', args: JsonObject): Promise<string | undefined> {
  const folder = await hostFolderOf(engine, view, containerFolderFrom(args['place']));
  return folder === undefined ? undefined : join(folder, textArgument(args, 'file'));
}

async function fill(engine: Engine, {ref, args}: Op, budgetMs: number): Promise<string | undefined> {
  const view = await inspectContainer(engine, ref.object, AbortSignal.timeout(READ_MS));
  if (view === 'gone' || !view.running) return 'the container does not run any more';
  const file = await fileOf(engine, view, args);
  if (file === undefined) return `there is no folder for \`${textArgument(args, 'file')}\` any more`;
  return createFill(file, numberArgument(args, 'bytes') ?? 0, budgetMs);
}

async function remove(engine: Engine, {ref, args}: Op): Promise<string | undefined> {
  const view = await inspectContainer(engine, ref.object, AbortSignal.timeout(READ_MS));
  const file = await fileOf(engine, view, args);
  if (file !== undefined) await removeFill(file);
  return undefined;
}

export const operations: Readonly<Record<string, Operation>> = {
  'container.fill-disk': {
    send: (engine, op, {budgetMs}) => locally(op.args, () => fill(engine, op, budgetMs)),
  },
  'container.remove-fill': {
    outlives: true,
    send: (engine, op) => locally(op.args, () => remove(engine, op)),
  },
};

/** The file is there; with `bytes` in its arguments: with all that was asked for. */
const hasFill: ContainerQuestion = async ({engine, view, args}): Promise<ProofAnswer> => {
  const why = elsewhere(args);
  if (why !== undefined) return {state: 'unknown', readings: {}, why};
  const file = await fileOf(engine, view, args);
  const allocated = file === undefined ? undefined : await allocatedAt(file);
  if (file === undefined || allocated === undefined) return {state: 'absent', readings: {file: null}};
  const {free} = await spaceAt(join(file, '..'));
  const asked = numberArgument(args, 'bytes') ?? 0;
  const readings = {file, allocated, free};
  if (allocated >= MOSTLY * asked) return {state: 'in-force', readings};
  return {state: 'unknown', readings, why: `the file has ${allocated} of the ${asked} bytes asked for`};
};

export const questions: Readonly<Record<string, ContainerQuestion>> = {'has-fill': hasFill};
