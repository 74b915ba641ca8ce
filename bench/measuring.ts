import {execFileSync} from 'node:child_process';

/** Whether a program is on PATH. */
export function has(command: string): boolean {
  try {
    execFileSync('which', [command], {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How long it took, ms, and what it answered. */
export async function timed<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

/** The q-quantile by nearest rank; NaN without values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

/** What one client of bench/load.ts tells of its work. */
export interface Told {
  readonly requests: number;
  readonly cpuSeconds: number;
  /** How late requests were sent, ms; only of clients that know it. */
  readonly jitterP50?: number;
  readonly jitterP99?: number;
}
