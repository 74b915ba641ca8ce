import {spawn, type ChildProcess} from 'node:child_process';
import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** How a command ended, and everything it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Builds dist/ where nobody has: `npm test` builds first, a single file run by mocha may not have. */
export function ensureBuilt(): void {
  if (!existsSync(join(ROOT, 'dist/cli.cjs'))) execFileSync(process.execPath, ['scripts/build.mjs'], {cwd: ROOT});
}

/** Starts the built command line; `ended` resolves with what it did. */
export function startFiredrill(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): {readonly child: ChildProcess; readonly ended: Promise<Ended>} {
  const child = spawn(process.execPath, ['bin/run.js', ...args], {
    cwd: ROOT,
    env: {...process.env, NO_COLOR: '1', ...environment},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>(resolve => {
    child.on('close', (code, signal) => resolve({code, signal, stdout, stderr}));
  });
  return {child, ended};
}

/** Runs the built command line to its end. */
export function firedrill(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return startFiredrill(args, environment).ended;
}
