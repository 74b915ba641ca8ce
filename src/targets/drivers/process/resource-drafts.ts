import {access, constants, readlink, realpath} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import type {JsonObject} from '../../../quantities/json.js';
import {formatSize} from '../../../quantities/size.js';
import {describeError} from '../../../system/error.js';
import {machineId} from '../../../system/processes.js';
import type {Ambient, Change, Drafts, TargetRef} from '../../contract.js';
import {joinFiles, mayWrite, ownCgroups} from '../../linux/cgroups.js';
import {spaceAt} from '../../linux/fill-file.js';
import {isMachinesOwn, planFill, type FillRequest} from '../../linux/fill-plan.js';
import {AS_BEFORE, coveredArguments, coverProcesses, LOWERED} from '../../linux/lowering.js';
import {machineCores, runsAsRoot} from '../../linux/machine.js';
import {familyOf, sharesNamespace} from '../../linux/namespaces.js';
import {
  planCpu,
  planIo,
  planMemory,
  stressArguments,
  type StressRefusal,
  type StressPlan,
} from '../../linux/stress-plan.js';
import {needTool} from '../../linux/tools.js';
import {accepted, called, needLinux, op, present, tagOf, unsuitable} from './drafting.js';
import {identityFrom} from './objects.js';
import {quoteForShell} from '../shell-words.js';

interface ResourceTarget {
  readonly target: TargetRef;
  /** Undefined while it is not started. */
  readonly pid: number | undefined;
}

async function resourceTarget(
  t: TargetRef,
  ambient: Ambient,
  fault: string,
  tool: readonly [string, string],
): Promise<ResourceTarget> {
  needLinux(fault);
  needTool(tool[0], fault, tool[1]);
  const target = await present(t, ambient);
  return {target, pid: identityFrom(target.incarnation)?.pid};
}

/** Where the stressors will run: in cgroups that only the target's service has, or beside it. */
function whereOf(pid: number | undefined): string {
  const rows = pid === undefined ? [] : ownCgroups(pid);
  if (rows.length > 0 && mayWrite(joinFiles(rows))) return `in its cgroup ${rows[0]?.path ?? ''}`;
  const why = rows.length > 0 ? 'its cgroup may not be joined' : 'it has no cgroup of its own';
  return `beside it, on this whole machine: ${why}`;
}

function stressChange(
  {target, pid}: ResourceTarget,
  planned: StressPlan | StressRefusal,
  place: JsonObject = {},
): Change {
  const plan = accepted(target, planned);
  const tag = tagOf(target, `${plan.kind}-stress`, [plan.argv, place]);
  const args: JsonObject = {...stressArguments(tag, machineId(), plan), ...place};
  return {
    target,
    summary: `${plan.kind} stress for ${called(target)} (stress-ng), ${whereOf(pid)}; ${plan.words}`,
    prepare: op('prepare-stress', target, args),
    flip: op('stress', target, args),
    proof: op('stressed', target, args),
    undo: {
      ...op('end-stress', target, args),
      // Nothing but us ends them when the target ends.
      lifetime: 'object',
      proof: op('stressors', target, args),
      manual: `kill $(grep -la FIREDRILL_STRESS=${tag} /proc/[0-9]*/environ | cut -d/ -f3)`,
    },
    claims: [`${plan.kind}-stress`],
    touches: [],
    keeper: 'target',
  };
}

/** A folder as the target sees it. @throws FiredrillError TARGET_UNSUITABLE */
async function folderFor(
  {target, pid}: ResourceTarget,
  cwd: string | undefined,
  path: string | undefined,
): Promise<string> {
  try {
    if (pid !== undefined && !(sharesNamespace(pid, 'mnt') && (await readlink(`/proc/${pid}/root`)) === '/')) {
      throw unsuitable(target, 'sees other file systems than this machine', 'Select its container with `docker`.');
    }
    const base = pid === undefined ? resolve(cwd ?? '.') : await readlink(`/proc/${pid}/cwd`);
    const folder = await realpath(resolve(base, path ?? '.'));
    await access(folder, constants.W_OK);
    return folder;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'TARGET_UNSUITABLE') throw error;
    throw unsuitable(target, `is expected to have a folder that can be written to; got: ${describeError(error)}`);
  }
}

async function siteOf({target, pid}: ResourceTarget, folder: string, request: FillRequest) {
  const space = await spaceAt(folder);
  const isMachines = !space.inMemory && (await isMachinesOwn(folder, []));
  return accepted(target, planFill(request, {space, asRoot: pid !== undefined && runsAsRoot(pid), isMachines}));
}

async function ioStress(
  bench: ResourceTarget,
  cwd: string | undefined,
  options: Parameters<Drafts['stress']['io']>[1],
) {
  const folder = await folderFor(bench, cwd, options.path);
  const bytes = options.workers * options.bytes;
  await siteOf(bench, folder, {bytes, share: undefined, marginBytes: undefined});
  const plan = planIo(options);
  return stressChange(bench, {...plan, words: `${plan.words} in ${folder}`}, {folder});
}

async function fillDisk(
  bench: ResourceTarget,
  cwd: string | undefined,
  options: Parameters<Drafts['disk']['fill']>[1],
) {
  const {target} = bench;
  const folder = await folderFor(bench, cwd, options.path);
  const {bytes, left} = await siteOf(bench, folder, options);
  const file = join(folder, `.firedrill-fill-${tagOf(target, 'disk-fill', [folder, options.bytes, options.share])}`);
  const change: Change = {
    target,
    summary: `write ${formatSize(bytes)} to ${file} for ${called(target)}; ${formatSize(left)} stay free`,
    flip: op('fill-disk', target, {file, bytes}),
    proof: op('filled', target, {file, bytes}),
    undo: {
      ...op('remove-fill', target, {file}),
      lifetime: 'object',
      proof: op('filled', target, {file}),
      manual: `rm -f -- ${quoteForShell(file)}`,
    },
    claims: [`disk:${folder}`],
    touches: [],
    keeper: 'guardian',
  };
  return change;
}

async function exhaust(
  {target, pid}: ResourceTarget,
  options: Parameters<Drafts['descriptors']['exhaust']>[1],
): Promise<Change> {
  const covered = pid === undefined ? [] : await coverProcesses(familyOf(pid), options);
  if (covered.length === 0 && pid !== undefined) {
    throw unsuitable(
      target,
      'has no process (itself or below it) whose limit of descriptors is above what was asked for',
    );
  }
  const args = coveredArguments(covered);
  const proof = op('short-of-descriptors', target, args);
  const each = covered.map(one => `pid ${one.pid} to ${one.ours} (from ${one.was})`).join(', ');
  return {
    target,
    summary: `lower the soft limit of open descriptors of ${called(target)} and all below it (prlimit): ${each}`,
    flip: op('lower-descriptors', target, args),
    proof,
    undo: {
      ...op('restore-descriptors', target, args),
      lifetime: 'incarnation',
      restore: {was: AS_BEFORE, ours: LOWERED},
      proof,
      manual: covered.map(one => `prlimit --pid ${one.pid} --nofile=${one.was}:`).join('; '),
    },
    claims: ['descriptors'],
    touches: [],
    keeper: 'guardian',
  };
}

const STRESS_NG = ['stress-ng', 'stress-ng'] as const;
const UTIL = 'util-linux';

/** What is done to a process by what it uses. `cwd` is where a process that is not started yet will be started. */
export function resourceDrafts(
  ambient: Ambient,
  cwd: string | undefined,
): Pick<Drafts, 'stress' | 'disk' | 'descriptors'> {
  return {
    stress: {
      cpu: async (t, o) =>
        stressChange(await resourceTarget(t, ambient, 'cpu-stress', STRESS_NG), planCpu(o, machineCores())),
      memory: async (t, o) =>
        stressChange(
          await resourceTarget(t, ambient, 'memory-stress', STRESS_NG),
          planMemory(o, {limit: null, used: 0}),
        ),
      io: async (t, o) => ioStress(await resourceTarget(t, ambient, 'io-stress', STRESS_NG), cwd, o),
    },
    disk: {fill: async (t, o) => fillDisk(await resourceTarget(t, ambient, 'disk-fill', ['fallocate', UTIL]), cwd, o)},
    descriptors: {
      exhaust: async (t, o) =>
        exhaust(await resourceTarget(t, ambient, 'file-descriptor-exhaustion', ['prlimit', UTIL]), o),
    },
  };
}
