import type {Json, JsonObject} from '../../../../../quantities/json.js';
import {readCgroup, readEffective, type Effective, type Stats} from '../../engine/cgroup.js';
import {readingsOf, type ContainerView} from '../../engine/container.js';
import {numberArgument, sameValue, type Operation, type ContainerQuestion} from '../operation.js';
import type {ProofAnswer} from '../../../../contract.js';

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
const pidsNow = (view: ContainerView): Json => view.pidsLimit;

export const operations: Readonly<Record<string, Operation>> = {
  'container.limit-cpu': limit(cpuNow),
  'container.limit-memory': limit(memoryNow),
  'container.limit-pids': limit(pidsNow),
};

/** How one limit is read: from the engine, and from the kernel. */
interface LimitReading {
  readonly value: (view: ContainerView) => Json;
  /** What the kernel says, in the same terms; undefined where it does not tell. */
  readonly inKernel: (effective: Effective, ours: Json) => Json | undefined;
  /** How often the limit was met. */
  readonly hits: (stats: Stats | undefined, effective: Effective | undefined) => number | null;
}

/** The kernel rounds quotas to whole microseconds and memory to whole pages. */
const ROUNDING = 0.01;
const PAGE = 65_536;

function near(kernel: number | null, engine: number | null, tolerance: number): boolean {
  if (kernel === null || engine === null) return kernel === engine;
  return Math.abs(kernel - engine) <= tolerance;
}

const positive = (value: unknown): number | null => (typeof value === 'number' && value > 0 ? value : null);

const CPU: LimitReading = {
  value: cpuNow,
  inKernel: ({cpus}, ours) => (near(cpus, positive(ours), ROUNDING * (cpus ?? 1)) ? undefined : cpus),
  hits: stats => stats?.throttledPeriods ?? null,
};

const MEMORY: LimitReading = {
  value: memoryNow,
  inKernel: ({memory, swap}, ours) => {
    const {limit, swap: together} = ours as unknown as ContainerView['memory'];
    const isSame =
      near(memory, positive(limit), PAGE) && (swap === 'not counted' || near(swap, positive(together), PAGE));
    return isSame ? undefined : {limit: memory, swap};
  },
  hits: stats => stats?.limitHits ?? null,
};

const PIDS: LimitReading = {
  value: pidsNow,
  inKernel: ({pids}, ours) => (pids === positive(ours) ? undefined : pids),
  hits: (_stats, effective) => effective?.pidsHits ?? null,
};

/**
 * The engine says that the limit is ours, and so does the kernel where it can be asked. How often the limit was felt
 * since the draft is null where only the engine could tell, which takes it a second: a proof must not wait for that.
 */
function carries({value, inKernel, hits}: LimitReading): ContainerQuestion {
  return async ({engine, view, args}): Promise<ProofAnswer> => {
    if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
    const ours = args['value'] ?? null;
    const readings = {...readingsOf(view), value: value(view)};
    if (!sameValue(value(view), ours)) return {state: 'absent', readings};
    if (!view.running) return {state: 'in-force', readings};
    const effective = await readEffective(engine, view);
    const kernel = effective === undefined ? undefined : inKernel(effective, ours);
    if (kernel !== undefined) {
      const why = `the engine says ${JSON.stringify(ours)}, but the container's cgroup says ${JSON.stringify(kernel)}`;
      return {state: 'unknown', readings: {...readings, kernel}, why};
    }
    const before = numberArgument(args, 'feltBefore');
    const now = before === undefined ? null : hits(await readCgroup(engine, view), effective);
    const exercised = now === null || before === undefined ? null : Math.max(0, now - before);
    return {
      state: 'in-force',
      readings: {...readings, ...(effective === undefined ? {} : {kernel: {...effective}})},
      exercised,
    };
  };
}

export const questions: Readonly<Record<string, ContainerQuestion>> = {
  'is-limited-to-cpus': carries(CPU),
  'is-limited-to-memory': carries(MEMORY),
  'is-limited-to-pids': carries(PIDS),
};
