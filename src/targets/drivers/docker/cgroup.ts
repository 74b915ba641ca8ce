import {readFile} from 'node:fs/promises';
import type {ContainerView} from './container.js';
import type {Engine} from './engine.js';

/** What a container uses, read once. */
export interface Stats {
  /** Processor time since it started, ns. */
  readonly cpuNs: number;
  /** When the engine read it, ms since the epoch of the engine's clock. */
  readonly atMs: number;
  /** Bytes, without the page cache that can be dropped. */
  readonly memory: number | null;
  /** Scheduling periods in which the CPU limit held it back. */
  readonly throttledPeriods: number | null;
  /** How often an allocation met the memory limit; null where the engine does not tell (cgroup v2). */
  readonly limitHits: number | null;
}

const ROOT = '/sys/fs/cgroup';

/** Controller to folder below the cgroup root; the key '' is the unified hierarchy. Undefined when it is not the container's. */
async function pathsOf(view: ContainerView): Promise<ReadonlyMap<string, string> | undefined> {
  const text = await readFile(`/proc/${view.pid}/cgroup`, 'utf8');
  // The socket may lead to another machine: only a cgroup that carries the container's id is believed.
  if (!text.includes(view.id)) return undefined;
  const rows = text.split('\n').flatMap(row => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(row) ?? [];
    return controllers === undefined || path === undefined
      ? []
      : controllers.split(',').map(name => [name, path] as const);
  });
  return new Map(rows);
}

async function field(file: string, name: string): Promise<number | null> {
  const row = (await readFile(file, 'utf8')).split('\n').find(line => line.startsWith(`${name} `));
  return row === undefined ? null : Number(row.slice(name.length + 1));
}

async function numberIn(file: string): Promise<number> {
  return Number((await readFile(file, 'utf8')).trim());
}

async function readV1(paths: ReadonlyMap<string, string>): Promise<Stats> {
  const folder = (controller: string) => `${ROOT}/${controller}${paths.get(controller) ?? ''}`;
  const [cpuNs, throttledPeriods, usage, cache, limitHits] = await Promise.all([
    numberIn(`${folder('cpuacct')}/cpuacct.usage`),
    field(`${folder('cpu')}/cpu.stat`, 'nr_throttled'),
    numberIn(`${folder('memory')}/memory.usage_in_bytes`),
    field(`${folder('memory')}/memory.stat`, 'total_inactive_file'),
    numberIn(`${folder('memory')}/memory.failcnt`),
  ]);
  return {cpuNs, atMs: Date.now(), memory: Math.max(0, usage - (cache ?? 0)), throttledPeriods, limitHits};
}

async function readV2(path: string): Promise<Stats> {
  const folder = `${ROOT}${path}`;
  const [usedUs, throttledPeriods, usage, cache, limitHits] = await Promise.all([
    field(`${folder}/cpu.stat`, 'usage_usec'),
    field(`${folder}/cpu.stat`, 'nr_throttled'),
    numberIn(`${folder}/memory.current`),
    field(`${folder}/memory.stat`, 'inactive_file'),
    field(`${folder}/memory.events`, 'max'),
  ]);
  const memory = Math.max(0, usage - (cache ?? 0));
  return {cpuNs: (usedUs ?? 0) * 1000, atMs: Date.now(), memory, throttledPeriods, limitHits};
}

/**
 * The same figures as the engine's, straight from the kernel where the engine is on this machine: some engines answer
 * statistics only once a second. Undefined where the files are not the container's or cannot be read.
 */
export async function readCgroup(engine: Engine, view: ContainerView): Promise<Stats | undefined> {
  if (!engine.isLocal || view.pid <= 1) return undefined;
  try {
    const paths = await pathsOf(view);
    if (paths === undefined) return undefined;
    const unified = paths.get('');
    return paths.has('memory') || unified === undefined ? await readV1(paths) : await readV2(unified);
  } catch {
    return undefined;
  }
}
