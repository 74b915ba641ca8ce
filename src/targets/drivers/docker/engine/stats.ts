import {readCgroup, type Stats} from './cgroup.js';
import type {ContainerView} from './container.js';
import type {Engine} from './engine.js';

interface RawStats {
  readonly read: string;
  readonly cpu_stats?: {
    readonly cpu_usage?: {readonly total_usage?: number};
    readonly throttling_data?: {readonly throttled_periods?: number};
  };
  readonly memory_stats?: {
    readonly usage?: number;
    readonly failcnt?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
}

type MemoryStats = Pick<Stats, 'memory' | 'limitHits'>;

/**
 * On cgroup v1 the cache is `total_inactive_file` and allocations that met the limit are counted; on v2 they are not.
 */
function memoryOf(raw: RawStats['memory_stats']): MemoryStats {
  const details = raw?.stats ?? {};
  const total = details['total_inactive_file'];
  const cache = total ?? details['inactive_file'] ?? 0;
  return {
    memory: raw?.usage === undefined ? null : Math.max(0, raw.usage - cache),
    limitHits: total === undefined ? null : (raw?.failcnt ?? 0),
  };
}

async function askEngine(engine: Engine, id: string, signal: AbortSignal): Promise<Stats> {
  const options = {stream: false, 'one-shot': true} as const;
  const raw = (await engine.read(
    abortSignal => engine.docker.getContainer(id).stats({...options, abortSignal}),
    signal,
  )) as RawStats;
  return {
    cpuNs: raw.cpu_stats?.cpu_usage?.total_usage ?? 0,
    atMs: Date.parse(raw.read),
    throttledPeriods: raw.cpu_stats?.throttling_data?.throttled_periods ?? null,
    ...memoryOf(raw.memory_stats),
  };
}

/** What the container uses now; from the engine it takes up to a second. Throws when the engine cannot be asked. */
export async function readStats(engine: Engine, view: ContainerView, signal: AbortSignal): Promise<Stats> {
  return (await readCgroup(engine, view)) ?? (await askEngine(engine, view.id, signal));
}
