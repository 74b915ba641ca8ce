import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {setTimeout as delay} from 'node:timers/promises';
import type {Instant} from '../quantities/instant.js';
import {openThreadAlarm, type Alarm} from './alarm.js';

/** Time as a port: the simulation replaces it. */
export interface Clock {
  now(): Instant;
  /** Microseconds of the monotonic clock. */
  mono(): number;
  /** Resolves after `ms`, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A finer alarm than `sleep` makes, where there is one; the simulation has none. */
  readonly alarm?: (ring: () => void) => Promise<Alarm>;
}

/** Milliseconds that are left of a budget. */
export type Left = () => number;

/**
 * Milliseconds that are left of a budget that begins now; 0 and below: none. Whole ones, as `AbortSignal.timeout` takes
 * them.
 */
export function countdown({mono}: Pick<Clock, 'mono'>, budgetMs: number): Left {
  const end = mono() + budgetMs * 1000;
  return () => Math.floor((end - mono()) / 1000);
}

/** Aborts after so many milliseconds, after one where none is left: `AbortSignal.timeout` takes no fractions. */
export function signalWithin(ms: number): AbortSignal {
  return AbortSignal.timeout(Math.max(1, Math.ceil(ms)));
}

/** Identifies this boot of this machine, so that monotonic times and pids of another boot are never believed. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // macOS: the moment of the boot, as the kernel keeps it (computed from the uptime it would differ from call to
    // call).
    return `${hostname()}-${execFileSync('sysctl', ['-n', 'kern.boottime'], {encoding: 'utf8'}).trim()}`;
  }
}

export function systemClock(): Clock {
  const boot = bootId();
  const mono = () => Number(process.hrtime.bigint() / 1000n);
  const clock: Clock = {
    mono,
    now: () => ({mono: mono(), wall: new Date().toISOString(), boot}),
    sleep: async (ms, signal) => {
      try {
        await delay(Math.max(0, ms), undefined, signal === undefined ? {} : {signal});
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
    alarm: ring => openThreadAlarm(clock, ring),
  };
  return clock;
}
