import type {Json, JsonObject} from '../../../../quantities/json.js';
import {readCgroup, type Stats} from '../cgroup.js';
import {readingsOf, type ContainerView} from '../container.js';
import type {Engine} from '../engine.js';
import {numberArgument, sameValue, type Answer, type Operation, type Question} from './operation.js';

const DEFAULT_PERIOD_US = 100_000;

/** Cores that the container may use; null without a limit. A quota of 0 and one of -1 both mean none. */
export function effectiveCpus(cpu: ContainerView['cpu']): number | null {
  if (cpu.nano > 0) return cpu.nano / 1e9;
  if (cpu.quota <= 0) return null;
  return cpu.quota / (cpu.period > 0 ? cpu.period : DEFAULT_PERIOD_US);
}

/** What to ask of the engine for so many cores, in the terms the container is configured in: it refuses to mix them. */
export function cpuUpdate(cpu: ContainerView['cpu'], cpus: number): JsonObject {
  if (cpu.nano > 0) return {NanoCpus: Math.round(cpus * 1e9)};
  return {CpuQuota: Math.round(cpus * (cpu.period > 0 ? cpu.period : DEFAULT_PERIOD_US))};
}

/** What puts the present CPU limit back. The engine ignores a quota of 0; -1 is what lifts it. */
export function cpuRestore(cpu: ContainerView['cpu']): JsonObject {
  if (cpu.nano > 0) return {NanoCpus: cpu.nano};
  return {CpuQuota: cpu.quota > 0 ? cpu.quota : -1};
}

export function memoryValue(memory: ContainerView['memory']): Json {
  return {limit: memory.limit, swap: memory.swap};
}

/** Memory and swap in one request: the engine then orders the two writes itself, downwards as well as upwards. */
export function memoryUpdate(memory: ContainerView['memory']): JsonObject {
  return {Memory: memory.limit, ...(memory.swap > 0 ? {MemorySwap: memory.swap} : {})};
}

function updateArgument(args: JsonObject): JsonObject {
  const update = args['update'];
  return typeof update === 'object' && update !== null && !Array.isArray(update) ? (update as JsonObject) : {};
}

function limit(value: (view: ContainerView) => Json): Operation {
  return {
    send: (engine, {ref, args}, {budgetMs}) =>
      engine.mutate(() => engine.docker.getContainer(ref.object).update(updateArgument(args)), budgetMs),
    landed: (view, args) => sameValue(value(view), args['value'] ?? null),
    value,
  };
}

const cpuNow = (view: ContainerView): Json => effectiveCpus(view.cpu);
const memoryNow = (view: ContainerView): Json => memoryValue(view.memory);

export const resourceOperations: Readonly<Record<string, Operation>> = {
  'container.limit-cpu': limit(cpuNow),
  'container.limit-memory': limit(memoryNow),
};

/**
 * How often the limit was felt since the draft; null where only the engine could tell, which takes it a second: a proof
 * must not wait for that.
 */
async function felt(engine: Engine, view: ContainerView, args: JsonObject, count: (stats: Stats) => number | null) {
  const before = numberArgument(args, 'feltBefore');
  const stats = before === undefined ? undefined : await readCgroup(engine, view);
  const now = stats === undefined ? null : count(stats);
  return now === null || before === undefined ? null : Math.max(0, now - before);
}

function carries(value: (view: ContainerView) => Json, count: (stats: Stats) => number | null): Question {
  return async ({engine, view, args}): Promise<Answer> => {
    if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
    const readings = {...readingsOf(view), value: value(view)};
    if (!sameValue(value(view), args['value'] ?? null)) return {state: 'absent', readings};
    const exercised = view.running ? await felt(engine, view, args, count) : null;
    return {state: 'in-force', readings, exercised};
  };
}

export const resourceQuestions: Readonly<Record<string, Question>> = {
  'is-limited-to-cpus': carries(cpuNow, stats => stats.throttledPeriods),
  'is-limited-to-memory': carries(memoryNow, stats => stats.limitHits),
};
