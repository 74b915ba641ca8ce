import {readFile} from 'node:fs/promises';
import {cgroupsOf, controllerFolder, isUnified, type CgroupRow} from '../../../linux/cgroups.js';
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

/**
 * The cgroups of the container's first process; undefined when they are not the container's.
 * @throws when it is gone.
 */
function rowsOf(view: ContainerView): readonly CgroupRow[] | undefined {
  const rows = cgroupsOf(view.pid);
  // The socket may lead to another machine: only a cgroup that carries the container's id is believed.
  return rows.some(({path}) => path.includes(view.id)) ? rows : undefined;
}

async function field(file: string, name: string): Promise<number | null> {
  const row = (await readFile(file, 'utf8')).split('\n').find(line => line.startsWith(`${name} `));
  return row === undefined ? null : Number(row.slice(name.length + 1));
}

async function numberIn(file: string): Promise<number> {
  return Number((await readFile(file, 'utf8')).trim());
}

async function readV1(folder: (controller: string) => string): Promise<Stats> {
  const [cpuNs, throttledPeriods, usage, cache, limitHits] = await Promise.all([
    numberIn(`${folder('cpuacct')}/cpuacct.usage`),
    field(`${folder('cpu')}/cpu.stat`, 'nr_throttled'),
    numberIn(`${folder('memory')}/memory.usage_in_bytes`),
    field(`${folder('memory')}/memory.stat`, 'total_inactive_file'),
    numberIn(`${folder('memory')}/memory.failcnt`),
  ]);
  return {cpuNs, atMs: Date.now(), memory: Math.max(0, usage - (cache ?? 0)), throttledPeriods, limitHits};
}

async function readV2(folder: string): Promise<Stats> {
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
 * Runs a reading of the container's own cgroup files; undefined where they are not the container's or cannot be read.
 */
async function read<T>(
  engine: Engine,
  view: ContainerView,
  reading: (rows: readonly CgroupRow[], folder: (controller: string) => string) => Promise<T>,
): Promise<T | undefined> {
  if (!engine.isLocal || view.pid <= 1) return undefined;
  try {
    const rows = rowsOf(view);
    return rows === undefined ? undefined : await reading(rows, name => controllerFolder(rows, name) ?? '/nowhere');
  } catch {
    return undefined;
  }
}

/**
 * The same figures as the engine's, straight from the kernel where the engine is on this machine: some engines answer
 * statistics only once a second. Undefined where the files are not the container's or cannot be read.
 */
export function readCgroup(engine: Engine, view: ContainerView): Promise<Stats | undefined> {
  return read(engine, view, (rows, folder) => (isUnified(rows, 'memory') ? readV2(folder('memory')) : readV1(folder)));
}

/** What the kernel holds the container to, in the engine's terms; null means no limit. */
export interface Effective {
  readonly cpus: number | null;
  readonly memory: number | null;
  /** Memory and swap together. */
  readonly swap: number | null | 'not counted';
  readonly pids: number | null;
  /** Processes and threads there are. */
  readonly pidsNow: number;
  /** How often a fork met the limit. */
  readonly pidsHits: number | null;
}

/** What v1 writes for no limit: the largest number of whole pages. */
const V1_UNLIMITED = 2 ** 62;

async function limitIn(file: string): Promise<number | null> {
  const value = Number((await readFile(file, 'utf8')).trim());
  // `max` is no number.
  return Number.isNaN(value) || value >= V1_UNLIMITED ? null : value;
}

async function pidsOf(folder: string): Promise<Pick<Effective, 'pids' | 'pidsNow' | 'pidsHits'>> {
  const [pids, pidsNow, pidsHits] = await Promise.all([
    limitIn(`${folder}/pids.max`),
    numberIn(`${folder}/pids.current`),
    field(`${folder}/pids.events`, 'max').catch(() => null),
  ]);
  return {pids, pidsNow, pidsHits};
}

function cpusFrom(quota: number, period: number): number | null {
  return quota > 0 && period > 0 ? quota / period : null;
}

async function limitsV1(folder: (controller: string) => string): Promise<Effective> {
  const [quota, period, memory, swap, pids] = await Promise.all([
    numberIn(`${folder('cpu')}/cpu.cfs_quota_us`),
    numberIn(`${folder('cpu')}/cpu.cfs_period_us`),
    limitIn(`${folder('memory')}/memory.limit_in_bytes`),
    limitIn(`${folder('memory')}/memory.memsw.limit_in_bytes`).catch(() => 'not counted' as const),
    pidsOf(folder('pids')),
  ]);
  return {cpus: cpusFrom(quota, period), memory, swap, ...pids};
}

/** v2 limits the swap by itself. */
async function limitsV2(folder: string): Promise<Effective> {
  const [cpu, memory, swap, pids] = await Promise.all([
    readFile(`${folder}/cpu.max`, 'utf8'),
    limitIn(`${folder}/memory.max`),
    limitIn(`${folder}/memory.swap.max`).catch(() => 'not counted' as const),
    pidsOf(folder),
  ]);
  const [quota, period] = cpu.trim().split(' ').map(Number);
  const together = swap === 'not counted' || swap === null || memory === null ? swap : memory + swap;
  return {cpus: cpusFrom(quota ?? 0, period ?? 0), memory, swap: together, ...pids};
}

/** What the kernel's own files say about the container's limits; undefined where they cannot be read from here. */
export function readEffective(engine: Engine, view: ContainerView): Promise<Effective | undefined> {
  return read(engine, view, (rows, folder) =>
    isUnified(rows, 'memory') ? limitsV2(folder('memory')) : limitsV1(folder),
  );
}

/** The container's processes as pids of this machine; undefined where they cannot be seen from here. */
export function readMembers(engine: Engine, view: ContainerView): Promise<readonly number[] | undefined> {
  return read(engine, view, async (_rows, folder) => {
    const text = await readFile(`${folder('pids')}/cgroup.procs`, 'utf8');
    return text.split('\n').map(Number).filter(Boolean);
  });
}
