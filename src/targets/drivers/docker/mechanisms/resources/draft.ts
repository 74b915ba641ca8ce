import {formatSize} from '../../../../../quantities/size.js';
import type {Json, JsonObject} from '../../../../../quantities/json.js';
import {FiredrillError} from '../../../../../system/error.js';
import type {Change, Drafts, TargetRef} from '../../../../contract.js';
import {readEffective} from '../../engine/cgroup.js';
import type {ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {cpuRestore, cpuUpdate, effectiveCpus, memoryUpdate, memoryValue} from './operations.js';
import {readStats} from '../../engine/stats.js';
import {Draft, draftSignal, runningContainer, unsuitable} from '../drafting.js';

interface LimitChange {
  readonly what: 'cpu' | 'memory' | 'pids';
  readonly summary: string;
  readonly manual: string;
  readonly was: Json;
  readonly ours: Json;
  /** The engine's terms for both. */
  readonly put: JsonObject;
  readonly restore: JsonObject;
  readonly feltBefore: number | null;
}

function limitChange(draft: Draft, limit: LimitChange): Change {
  const {what, was, ours} = limit;
  const op = `container.limit-${what}`;
  const felt: JsonObject = limit.feltBefore === null ? {} : {feltBefore: limit.feltBefore};
  const proof = draft.op(what === 'cpu' ? 'is-limited-to-cpus' : `is-limited-to-${what}`, {value: ours, ...felt});
  return {
    target: draft.ref,
    summary: limit.summary,
    flip: draft.op(op, {update: limit.put, value: ours}),
    proof,
    undo: {
      ...draft.op(op, {update: limit.restore, value: was}),
      lifetime: 'object',
      restore: {was, ours},
      proof,
      manual: limit.manual,
    },
    claims: [`${what}-limit`],
    touches: [what],
    keeper: 'guardian',
  };
}

async function cpuThrottle(engine: Engine, target: TargetRef, cpus: number): Promise<Change> {
  const view = await runningContainer(engine, target);
  const draft = new Draft(engine, view);
  const was = effectiveCpus(view.cpu);
  if (was !== null && cpus >= was) {
    throw unsuitable(target, `is expected to have more than ${cpus} CPUs to be throttled to them; its limit is ${was}`);
  }
  const put = cpuUpdate(view.cpu, cpus);
  const ours = effectiveCpus({
    nano: Number(put['NanoCpus'] ?? 0),
    quota: Number(put['CpuQuota'] ?? 0),
    period: view.cpu.period,
  });
  const stats = await readStats(engine, view, draftSignal());
  const restore = cpuRestore(view.cpu);
  const manual =
    view.cpu.nano > 0 ? ['--cpus', String(view.cpu.nano / 1e9)] : ['--cpu-quota', String(Number(restore['CpuQuota']))];
  return limitChange(draft, {
    what: 'cpu',
    summary: `limit container ${view.name} to ${cpus} CPUs, from ${was ?? 'no limit'} (docker update)`,
    manual: draft.manual('update', ...manual, view.name),
    was,
    ours,
    put,
    restore,
    feltBefore: stats.throttledPeriods,
  });
}

/** The same amount of swap as before, on top of the new limit. */
function lowered(memory: ContainerView['memory'], bytes: number): ContainerView['memory'] {
  return {limit: bytes, swap: memory.swap > 0 ? bytes + (memory.swap - memory.limit) : memory.swap};
}

async function memoryLimit(engine: Engine, target: TargetRef, bytes: number): Promise<Change> {
  const view = await runningContainer(engine, target);
  const draft = new Draft(engine, view);
  const {memory} = view;
  if (memory.limit <= 0) {
    throw unsuitable(
      target,
      'has no memory limit, and the engine cannot lift one again: it could not be put back',
      'Start it with a limit (`--memory`) to experiment with a lower one.',
    );
  }
  if (bytes >= memory.limit) {
    const limit = formatSize(memory.limit);
    throw unsuitable(target, `is expected to have a limit above ${formatSize(bytes)}; its limit is ${limit}`);
  }
  const stats = await readStats(engine, view, draftSignal());
  if (stats.memory !== null && stats.memory >= bytes) {
    const uses = formatSize(stats.memory);
    throw unsuitable(
      target,
      `uses ${uses} already: a limit of ${formatSize(bytes)} would be refused by the kernel or kill it at once`,
    );
  }
  const ours = lowered(memory, bytes);
  const swap = memory.swap > 0 ? ['--memory-swap', String(memory.swap)] : [];
  const flags = ['--memory', String(memory.limit), ...swap];
  return limitChange(draft, {
    what: 'memory',
    summary: `limit container ${view.name} to ${formatSize(bytes)} of memory, from ${formatSize(memory.limit)} (docker update)`,
    manual: draft.manual('update', ...flags, view.name),
    was: memoryValue(memory),
    ours: memoryValue(ours),
    put: memoryUpdate(ours),
    restore: memoryUpdate(memory),
    feltBefore: stats.limitHits,
  });
}

/** The kernel lets a limit fall below the present number: nothing is ended, nothing new starts. */
async function pidsLimit(engine: Engine, target: TargetRef, limit: number): Promise<Change> {
  const view = await runningContainer(engine, target);
  const draft = new Draft(engine, view);
  const was = view.pidsLimit;
  if (was !== null && limit >= was) {
    throw unsuitable(target, `is expected to have a pids limit above ${limit}; its limit is ${was}`);
  }
  if ((await engine.info(draftSignal())).PidsLimit === false) {
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      `The engine of container \`${view.name}\` cannot limit processes: its kernel has no pids controller.`,
    );
  }
  const effective = await readEffective(engine, view);
  const tasks = effective?.pidsNow ?? null;
  const now =
    tasks === null ? '' : tasks >= limit ? `; it has ${tasks}: they stay, none can be added` : `; it has ${tasks}`;
  return limitChange(draft, {
    what: 'pids',
    summary: `limit container ${view.name} to ${limit} processes and threads, from ${was ?? 'no limit'}${now} (docker update)`,
    manual: draft.manual('update', '--pids-limit', String(was ?? -1), view.name),
    was,
    ours: limit,
    put: {PidsLimit: limit},
    // For the engine nothing means no change; -1 lifts the limit.
    restore: {PidsLimit: was ?? -1},
    feltBefore: effective?.pidsHits ?? null,
  });
}

export function resourceDrafts(engine: Engine): Drafts['resources'] {
  return {
    cpuThrottle: (target, options) => cpuThrottle(engine, target, options.cpus),
    memoryLimit: (target, options) => memoryLimit(engine, target, options.bytes),
    pidsLimit: (target, options) => pidsLimit(engine, target, options.limit),
  };
}
