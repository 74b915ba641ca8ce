import {readFileSync, readdirSync} from 'node:fs';
import {bootId} from '../../system/clock.js';
import {hasEnded, parseStat, type ProcessIdentity} from '../../system/processes.js';

/** Which processes carry the tag of a change: an entry in the environment they were started with. */
const VARIABLE = 'FIREDRILL_STRESS';
/** Of utime and stime in /proc/PID/stat; the kernel's USER_HZ is 100 on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A process that a change started, with what it has used so far. */
export interface TaggedProcess extends ProcessIdentity {
  readonly comm: string;
  readonly state: string;
  readonly parent: number;
  /** Its own processor time and that of its ended children, s. */
  readonly cpuSeconds: number;
  /** When it started, s since boot. */
  readonly startedSeconds: number;
}

export function tagEnvironment(tag: string): Readonly<Record<string, string>> {
  return {[VARIABLE]: tag};
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function cpuSecondsOf(line: string): number {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0) / TICKS_PER_SECOND;
}

function look(pid: number, entry: string): readonly TaggedProcess[] {
  if (!readText(`/proc/${pid}/environ`).split('\0').includes(entry)) return [];
  const line = readText(`/proc/${pid}/stat`);
  const stat = parseStat(line);
  if (stat === undefined || hasEnded(stat)) return [];
  return [
    {
      pid,
      startTicks: stat.startTicks,
      boot: bootId(),
      comm: stat.comm,
      state: stat.state,
      parent: stat.parent,
      cpuSeconds: cpuSecondsOf(line),
      startedSeconds: Number(stat.startTicks) / TICKS_PER_SECOND,
    },
  ];
}

/** The living processes of a tag, of the given pids or of the whole machine. Synchronous: /proc never blocks. */
export function taggedProcesses(tag: string, pids?: readonly number[]): readonly TaggedProcess[] {
  const all = pids ?? readdirSync('/proc').map(Number).filter(Boolean);
  return all.flatMap(pid => look(pid, `${VARIABLE}=${tag}`));
}

/** Bytes that a process holds in memory; 0 when it is gone. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/**
 * How long a process was ready to run and had no processor, s (proc(5), `schedstat`); 0 where the kernel does not count
 * it.
 */
export function waitedSeconds(pid: number): number {
  return Number(readText(`/proc/${pid}/schedstat`).split(' ')[1] ?? 0) / 1e9;
}

/**
 * Bytes that a process has had written to a file system since it started; 0 when it is gone or may not be looked into.
 */
export function writtenBytes(pid: number): number {
  return Number(/^write_bytes: (\d+)/m.exec(readText(`/proc/${pid}/io`))?.[1] ?? 0);
}
