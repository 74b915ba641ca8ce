import {access, constants} from 'node:fs/promises';
import type {JsonObject} from '../../../../../quantities/json.js';
import {describeError} from '../../../../../system/error.js';
import {machineId} from '../../../../../system/processes.js';
import type {Change, Drafts, TargetRef} from '../../../../contract.js';
import {spaceAt} from '../../../../linux/fill-file.js';
import {isMachinesOwn, planFill} from '../../../../linux/fill-plan.js';
import {machineCores, machineMemory} from '../../../../linux/machine.js';
import {
  planCpu,
  planIo,
  planMemory,
  processesOf,
  stressArguments,
  type StressRefusal,
  type StressPlan,
} from '../../../../linux/stress-plan.js';
import type {Stress} from '../../../../linux/stressors.js';
import {needTool} from '../../../../linux/tools.js';
import {readEffective} from '../../engine/cgroup.js';
import type {ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {entranceOf} from '../../entrance/entrance.js';
import {effectiveCpus} from '../resources/operations.js';
import {hostFolderOf, containerFolderArguments, containerFolderAt, containerFolderFrom} from '../container-folder.js';
import {readStats} from '../../engine/stats.js';
import {Draft, draftSignal, runningContainer, unsuitable} from '../drafting.js';
import {checkHelper, helperChange, INSTEAD} from './helper-draft.js';
import {accepted, needHostPid, tagOf} from '../host-tools.js';

interface StressTarget {
  readonly engine: Engine;
  readonly target: TargetRef;
  readonly view: ContainerView;
  /** As a pid of this machine. */
  readonly pid: number;
}

/** Where Firedrill can enter the container's host, it does; else a helper container may. */
type StressEntrance =
  | (StressTarget & {readonly by: 'host'})
  | (Omit<StressTarget, 'pid'> & {readonly by: 'helper'; readonly image: string});

/** @throws FiredrillError CAPABILITY_MISSING, TARGET_UNSUITABLE */
async function wayTo(engine: Engine, target: TargetRef, kind: Stress['kind']): Promise<StressEntrance> {
  const view = await runningContainer(engine, target);
  const entrance = entranceOf(engine, view);
  if (entrance.kind === 'helper' && kind !== 'io') {
    await checkHelper(engine, view, {image: entrance.image, kind});
    return {by: 'helper', engine, target, view, image: entrance.image};
  }
  const pid = needHostPid(engine, view, `${kind}-stress`, INSTEAD[kind]);
  needTool('stress-ng', `${kind}-stress`, 'stress-ng');
  needTool('nsenter', `${kind}-stress`, 'util-linux');
  return {by: 'host', engine, target, view, pid};
}

/** Under a tight limit of processes stress-ng could not even start its workers. */
async function checkProcesses({engine, target, view}: StressTarget, plan: StressPlan): Promise<void> {
  const {pids: limit = null, pidsNow: now = 0} = (await readEffective(engine, view)) ?? {};
  if (limit !== null && now + processesOf(plan) > limit) {
    throw unsuitable(
      target,
      `may have ${limit} processes and has ${now}; stress-ng needs up to ${processesOf(plan)} more`,
      'Ask for fewer `workers`, or raise its pids limit.',
    );
  }
}

async function stressChange(
  way: StressEntrance,
  planned: StressPlan | StressRefusal,
  place: JsonObject = {},
): Promise<Change> {
  const plan = accepted(way.target, planned);
  const {engine, view} = way;
  const draft = new Draft(engine, view);
  const tag = tagOf(view, `${plan.kind}-stress`, [plan.argv, place]);
  if (way.by === 'helper') return helperChange(draft, view, {plan, tag, image: way.image});
  await checkProcesses(way, plan);
  const args: JsonObject = {...stressArguments(tag, machineId(), plan), ...place};
  return {
    target: draft.ref,
    summary: `${plan.kind} stress in the cgroup of container ${view.name} (stress-ng): ${plan.words}`,
    prepare: draft.op('container.prepare-stress', args),
    flip: draft.op('container.stress', args),
    proof: draft.op('is-stressed', args),
    undo: {
      ...draft.op('container.end-stress', args),
      // Without a pid namespace of its own nothing ends them with the container; files of theirs stay anyway.
      lifetime: view.pidMode === '' && plan.kind !== 'io' ? 'incarnation' : 'object',
      proof: draft.op('has-stressors', args),
      manual: `kill $(grep -la FIREDRILL_STRESS=${tag} /proc/[0-9]*/environ | cut -d/ -f3)`,
    },
    claims: [`${plan.kind}-stress`],
    touches: [],
    keeper: 'target',
  };
}

async function cpuStress(
  engine: Engine,
  target: TargetRef,
  options: {workers: number | undefined; load: number; forMs: number},
): Promise<Change> {
  const way = await wayTo(engine, target, 'cpu');
  const machine = way.by === 'host' ? machineCores() : ((await engine.info(draftSignal())).NCPU ?? 1);
  return stressChange(way, planCpu(options, Math.min(machine, effectiveCpus(way.view.cpu) ?? machine)));
}

async function memoryStress(
  engine: Engine,
  target: TargetRef,
  options: Parameters<Drafts['stress']['memory']>[1],
): Promise<Change> {
  const way = await wayTo(engine, target, 'memory');
  const {memory} = way.view;
  const {memory: used} = await readStats(engine, way.view, draftSignal());
  const room = {limit: memory.limit > 0 ? memory.limit : null, used: used ?? 0};
  return stressChange(way, planMemory(options, room, await hostMemory(way, room.limit)));
}

/** Of another machine only the whole is known: a target without a limit is not stressed there. */
async function hostMemory(
  {engine, target}: StressEntrance,
  limit: number | null,
): Promise<{total: number; available: number}> {
  if (engine.isLocal) return machineMemory();
  if (limit === null) {
    throw unsuitable(
      target,
      'has no memory limit, and how much its host has free cannot be seen from here',
      "Give it a limit (`--memory`), or run Firedrill on the engine's host.",
    );
  }
  const {MemTotal: total = limit} = await engine.info(draftSignal());
  return {total, available: total};
}

async function ioStress(
  engine: Engine,
  target: TargetRef,
  options: {workers: number; bytes: number; path: string | undefined; forMs: number},
): Promise<Change> {
  const way = await wayTo(engine, target, 'io');
  if (way.by === 'helper') throw new Error('io-stress never goes by a helper');
  const {bytes, place} = await siteOf(way, options.path ?? way.view.workingDir, {
    bytes: options.workers * options.bytes,
    share: undefined,
    marginBytes: undefined,
  });
  const plan = planIo(options);
  const {inside, kind} = containerFolderFrom(place);
  if (kind === 'memory') {
    throw unsuitable(way.target, `has no disk at \`${inside}\`: it is a tmpfs`, 'Give another `path`.');
  }
  return stressChange(way, {...plan, asked: bytes, words: `${plan.words} in ${inside}`}, {place});
}

/** Where files go, after the margins were looked at. @throws FiredrillError TARGET_UNSUITABLE */
export async function siteOf(
  {engine, target, view, pid}: StressTarget,
  path: string,
  request: Parameters<typeof planFill>[0] & {readonly asRoot?: boolean},
): Promise<{readonly bytes: number; readonly left: number; readonly place: JsonObject}> {
  const {folder, place} = await folderFor({engine, target, view, pid}, path);
  const space = await spaceAt(folder);
  const root = (await engine.info(draftSignal())).DockerRootDir ?? '/var/lib/docker';
  const isMachines =
    !space.inMemory && (place.kind !== 'mount' || place.root === null || (await isMachinesOwn(place.root, [root])));
  const plan = accepted(target, planFill(request, {space, asRoot: request.asRoot === true, isMachines}));
  return {...plan, place: containerFolderArguments(place)};
}

async function folderFor({engine, target, view, pid}: StressTarget, path: string) {
  try {
    const first = await containerFolderAt(view, pid, path, false);
    const {inMemory} = await spaceAt(`/proc/${pid}/root${first.inside}`);
    const place = inMemory ? await containerFolderAt(view, pid, path, true) : first;
    const folder = await hostFolderOf(engine, view, place);
    if (folder === undefined) throw new Error('there is no such folder');
    await access(folder, constants.W_OK);
    return {folder, place};
  } catch (error) {
    throw unsuitable(
      target,
      `is expected to have a folder \`${path}\` that can be written to; got: ${describeError(error)}`,
    );
  }
}

export function stressDrafts(engine: Engine): Drafts['stress'] {
  return {
    cpu: (target, options) => cpuStress(engine, target, options),
    memory: (target, options) => memoryStress(engine, target, options),
    io: (target, options) => ioStress(engine, target, options),
  };
}
