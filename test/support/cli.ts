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

/** What Node says about the code that it runs: of no use to who runs Firedrill, so none of it may be printed. */
const NODE_WARNING = /\(node:\d+\) \w*Warning: .*/;

/** Starts the built command line; `ended` resolves with what it did, and rejects where Node warned of our own code. */
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
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('close', (code, signal) => {
      const [warning] = NODE_WARNING.exec(stderr) ?? [];
      if (warning === undefined) resolve({code, signal, stdout, stderr});
      else reject(new Error(`\`firedrill ${args.join(' ')}\` printed a warning of Node: ${warning}`));
    });
  });
  return {child, ended};
}

/** Runs the built command line to its end. */
export function firedrill(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return startFiredrill(args, environment).ended;
}
