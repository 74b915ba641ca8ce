import {execFile} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {promisify} from 'node:util';
import {bootId} from '../../system/clock.js';
import {hasEnded, isAlive, parseStat, type ProcessIdentity} from '../../system/processes.js';
import {TOOL_PATH} from './tools.js';

/** A process whose limit of descriptors is lowered, with what it had. */
export interface Lowered extends ProcessIdentity {
  readonly was: string;
  readonly ours: number;
}

/** How a covered process stands. */
export type LimitStanding = 'ours' | 'as before' | 'other';

/** The limits of open files, as the kernel writes them (`1024`, `unlimited`). @throws when the process is gone. */
export function limitsOf(pid: number): {readonly soft: string; readonly hard: string} {
  const row = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'));
  return {soft: row?.[1] ?? 'unlimited', hard: row?.[2] ?? 'unlimited'};
}

/** The numbers of its open descriptors, ascending. @throws when the process is gone or may not be looked into. */
export function descriptorsOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/fd`)
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * The limit under which just `leave` more descriptors can be opened: the kernel gives the lowest free number, and none
 * that is not below the limit; so gaps count, and open ones above the limit stay open.
 */
export function limitLeaving(open: readonly number[], leave: number): number {
  const taken = new Set(open);
  let limit = 0;
  for (let free = 0; ; limit += 1) {
    if (taken.has(limit)) continue;
    if (free === leave) return limit;
    free += 1;
  }
}

/** No number below its limit is free: the next one it asks for is refused. */
export function isExhausted(pid: number, limit: number): boolean {
  try {
    return limitLeaving(descriptorsOf(pid), 0) >= limit;
  } catch {
    return false;
  }
}

function statLine(pid: number) {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** How one of the covered processes stands; undefined when it has ended. Synchronous: /proc never blocks. */
export function standingOf(one: Lowered): LimitStanding | undefined {
  const stat = statLine(one.pid);
  if (one.boot !== bootId() || stat?.startTicks !== one.startTicks || hasEnded(stat)) return undefined;
  try {
    const {soft} = limitsOf(one.pid);
    if (soft === String(one.ours)) return 'ours';
    return soft === one.was ? 'as before' : 'other';
  } catch {
    return undefined;
  }
}

/** Those among `pids` that were started meanwhile by a covered process (or its children) and inherited its limit. */
export function inheritors(covered: readonly Lowered[], pids: readonly number[]): readonly Lowered[] {
  const found = new Map(covered.map(one => [one.pid, one]));
  // Parents have lower numbers as a rule; where the numbers went round, a later look finds the rest.
  for (const pid of [...pids].sort((a, b) => a - b)) {
    if (found.has(pid)) continue;
    const stat = statLine(pid);
    if (stat === undefined || hasEnded(stat)) continue;
    const parent = found.get(stat.parent);
    const child = {pid, startTicks: stat.startTicks, boot: bootId()};
    // The parent may be gone by now: then the value alone tells.
    const from = parent ?? covered.find(one => standingOf({...one, ...child}) === 'ours');
    if (from === undefined) continue;
    const heir = {...child, was: from.was, ours: from.ours};
    if (standingOf(heir) === 'ours') found.set(pid, heir);
  }
  return [...found.values()].filter(one => !covered.includes(one));
}

/** Sets the soft limit of exactly this process; the hard one stays, so that putting it back needs no privilege. */
export async function setSoftLimit(who: ProcessIdentity, soft: string): Promise<void> {
  if (!(await isAlive(who))) return;
  try {
    const {hard} = limitsOf(who.pid);
    await promisify(execFile)('prlimit', ['--pid', String(who.pid), `--nofile=${soft}:${hard}`], {
      timeout: 10_000,
      env: {PATH: TOOL_PATH, LC_ALL: 'C'},
    });
  } catch (error) {
    // It may have ended at any moment since: then there is nothing to set.
    if (await isAlive(who)) throw error;
  }
}
