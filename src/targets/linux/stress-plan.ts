import type {JsonObject} from '../../quantities/json.js';
import {formatSize} from '../../quantities/size.js';
import {formatShare} from '../../quantities/share.js';
import type {Amount} from '../contract.js';
import {machineMemory, memoryMargin} from './machine.js';
import type {Stress} from './stressors.js';

/** What a stressor will do: for stress-ng, for the proof, and for people. */
export interface StressPlan extends Stress {
  readonly argv: readonly string[];
  /** Behind "in container shop": "2 workers at 50% of a core each". */
  readonly words: string;
}

/** Why it must not be done, and what would be. */
export interface StressRefusal {
  readonly problem: string;
  readonly hint: string;
}

/** What a target has of memory: its limit if it has one, and what it uses. */
export interface MemoryRoom {
  readonly limit: number | null;
  readonly used: number;
}

const MIB = 2 ** 20;
/** What stress-ng itself takes beside the memory that it is asked to hold, with its workers. */
const OWN_MEMORY = 6 * MIB;
/** Ends itself so long after the fault should have been undone: runner, guardian and recover come first. */
const LATER_SECONDS = 60;

/** Options of every stressor: a name by which it is known, no output, an end of its own. */
function commonArguments(forMs: number): readonly string[] {
  return ['--keep-name', '--quiet', '--timeout', `${Math.ceil(forMs / 1000) + LATER_SECONDS}s`];
}

/** `cores` is what the target may use; without `workers` all of it is asked for. */
export function planCpu(
  {workers, load, forMs}: {workers: number | undefined; load: number; forMs: number},
  cores: number,
): StressPlan {
  const count = workers ?? Math.max(1, Math.ceil(cores));
  const percent = Math.max(1, Math.round(load * 100));
  const asked = Math.min((count * percent) / 100, cores);
  return {
    kind: 'cpu',
    asked: Number(asked.toFixed(4)),
    argv: ['--cpu', String(count), '--cpu-load', String(percent), ...commonArguments(forMs)],
    words: `${count} ${count === 1 ? 'worker' : 'workers'} at ${percent} % of a core, of ${cores} that it may use`,
  };
}

/**
 * One worker that writes to so much memory and keeps it. Refused where the worker itself would not fit under the
 * target's limit, and where the machine would not keep its margin: the kernel would kill something that was not meant.
 */
export function planMemory(
  {bytes, share, forMs}: Amount & {forMs: number},
  {limit, used}: MemoryRoom,
  machine = machineMemory(),
): StressPlan | StressRefusal {
  const whole = limit ?? machine.total;
  const inUse = limit === null ? machine.total - machine.available : used;
  const asked = Math.floor(bytes ?? (share ?? 0) * whole - inUse);
  const left = whole - inUse - asked;
  if (asked < MIB) {
    return {
      problem: `has ${formatShare(inUse / whole)} of ${formatSize(whole)} in use already`,
      hint: 'Ask for a larger `share`, or for a `size`.',
    };
  }
  if (limit !== null && left < OWN_MEMORY) {
    return {
      problem: `has ${formatSize(whole - inUse)} left of its limit of ${formatSize(limit)}; a stressor that holds ${formatSize(asked)} does not fit and would be killed itself`,
      hint: `Ask for at most ${formatSize(Math.max(0, whole - inUse - OWN_MEMORY))}.`,
    };
  }
  const margin = memoryMargin(machine.total);
  if (asked > machine.available - margin) {
    return {
      problem: `is on a machine with ${formatSize(machine.available)} of free memory, which keeps a margin of ${formatSize(margin)}; ${formatSize(asked)} were asked for`,
      hint: `Ask for at most ${formatSize(Math.max(0, machine.available - margin))}, or give the target a limit and stress that.`,
    };
  }
  const danger =
    limit === null
      ? `it has no limit, the machine keeps ${formatSize(machine.available - asked)} free: no OOM kill is to be expected`
      : `${formatSize(left)} are left under its limit of ${formatSize(limit)}: beyond that the kernel kills a process in it, the largest first`;
  return {
    kind: 'memory',
    asked,
    // One that was killed stays dead and nobody is spared: the kernel's choice is the one it would always make.
    argv: [
      ...['--vm', '1', '--vm-bytes', `${asked}b`, '--vm-keep', '--vm-hang', '0', '--vm-method', 'zero-one'],
      ...['--oomable', '--no-oom-adjust', ...commonArguments(forMs)],
    ],
    words: `${formatSize(asked)} held; ${danger}`,
  };
}

/** Workers that write and sync; `bytes` for each. The folder for their files is added where it is known. */
export function planIo({workers, bytes, forMs}: {workers: number; bytes: number; forMs: number}): StressPlan {
  return {
    kind: 'io',
    asked: workers * bytes,
    argv: [
      ...['--hdd', String(workers), '--hdd-bytes', `${bytes}b`, '--hdd-opts', 'fdatasync'],
      ...commonArguments(forMs),
    ],
    words: `${workers} ${workers === 1 ? 'worker writes and syncs' : 'workers write and sync'} ${formatSize(bytes)}${workers === 1 ? '' : ' each'}`,
  };
}

/** How many processes stress-ng needs at most: itself, the workers with a helper each, and those that start it. */
export function processesOf({argv}: Pick<StressPlan, 'argv'>): number {
  return 2 * Number(argv[1]) + 3;
}

/** What the operations need, as they keep it in debts. */
export function stressArguments(tag: string, machine: string, {kind, asked, argv}: StressPlan): JsonObject {
  return {tag, machine, kind, asked, argv};
}

/** Read back from the arguments of an operation. */
export function stressFrom(args: JsonObject): Stress & {readonly tag: string; readonly argv: readonly string[]} {
  const {tag, kind, asked, argv} = args;
  return {
    tag: typeof tag === 'string' ? tag : '',
    kind: kind === 'memory' || kind === 'io' ? kind : 'cpu',
    asked: Number(asked),
    argv: Array.isArray(argv) ? argv.map(String) : [],
  };
}
