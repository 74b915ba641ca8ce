import {readFileSync} from 'node:fs';
import {availableParallelism} from 'node:os';

const GIB = 2 ** 30;

/** Bytes of memory of this machine: all, and what could be taken without swapping. */
export function machineMemory(): {readonly total: number; readonly available: number} {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return {total: kib('MemTotal') * 1024, available: kib('MemAvailable') * 1024};
}

/**
 * Memory that this machine keeps, whatever is asked: the larger of 1 GiB and 10 %, so that nothing of its own is
 * killed.
 */
export function memoryMargin(total: number): number {
  return Math.max(GIB, 0.1 * total);
}

/** Whether a process runs as root, who may use what a file system keeps back from others. @throws when it is gone. */
export function runsAsRoot(pid: number): boolean {
  return /^Uid:\s+\d+\s+0\s/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

export function machineCores(): number {
  return availableParallelism();
}
