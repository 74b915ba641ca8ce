/** A real target with a fault to inject, and how to tell from outside whether it is as it was. */
export interface CrashStage {
  readonly yaml: string;
  /** What the target looks like, without what any restart changes. */
  look(): Promise<unknown>;
  /** How what both left behind is put back; answers what is still owed. Default: `recover` on this machine. */
  recover?(): Promise<number>;
  close(): Promise<void>;
}

/** One fault on one driver. Two cases of a fault differ in `entry`. */
export interface CrashCase {
  readonly driver: 'docker' | 'process' | 'proxy' | 'toxiproxy' | 'kubernetes';
  /** The fault's key with its parameters, as it stands in the file: `pause: {}`; more fields may follow. */
  readonly entry: string;
  /**
   * Another way to the target (a helper container), or more that is owed: the same operations are then another
   * mechanism.
   */
  readonly variant?: string;
  /** A kernel that few machines have: test/netem runs these cases. */
  readonly needs?: 'netem';
  open(entry: string): Promise<CrashStage>;
}

/** `pause: {}` → `pause` */
export function faultOf({entry}: Pick<CrashCase, 'entry'>): string {
  return entry.slice(0, entry.indexOf(':'));
}

/** The same stage for several faults. */
export function casesOf(
  driver: CrashCase['driver'],
  open: CrashCase['open'],
  entries: readonly string[],
): readonly CrashCase[] {
  return entries.map(entry => ({driver, entry, open}));
}

/**
 * Short windows: what is tested is safety, and the one metric is always well. `target` is the selector of `it`; further
 * targets, for parameters that name some, are given as `name: selector`.
 */
export function experiment(target: string, entry: string, others: Readonly<Record<string, string>> = {}): string {
  const targets = Object.entries({it: target, ...others}).map(([name, selector]) => `  ${name}: ${selector}`);
  return `version: 1
title: crash test
targets:
${targets.join('\n')}
steadyState: {fine: {command: {run: [echo, "1"], every: 100ms}, tolerance: {equals: 1}}}
windows: {warmup: 100ms, baseline: 300ms, recovery: 6s}
faults: [{name: f, ${entry}, targets: [it], for: 400ms}]
`;
}
