import {spawn, type ChildProcess} from 'node:child_process';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {PLACES, type StartFile} from '../../../../../interposer/protocol.js';
import {supervisorScript} from '../../../../../interposer/supervisor.js';
import {endOf, killGroup} from '../../../../../system/commands.js';
import {describeError} from '../../../../../system/error.js';
import {TOOL_PATH} from '../../../../linux/tools.js';

/** The interposer's program: bundled, or from source through tsx. */
function interposerCommand(): readonly string[] {
  const here = import.meta.url;
  return here.endsWith('.ts')
    ? [
        process.execPath,
        '--import',
        // Also where a test loads this file as CommonJS: there `import.meta.resolve` does not exist.
        createRequire(here).resolve('tsx'),
        fileURLToPath(new URL('../../../../../interposer/main.ts', here)),
      ]
    : [process.execPath, fileURLToPath(new URL('./interposer.js', here))];
}

/** Only what a program needs to run: this process may hold secrets in its environment. */
function environment(): NodeJS.ProcessEnv {
  const {HOME, TMPDIR} = process.env;
  return {
    PATH: TOOL_PATH,
    LC_ALL: 'C',
    ...(HOME === undefined ? {} : {HOME}),
    ...(TMPDIR === undefined ? {} : {TMPDIR}),
  };
}

/** `ready`, or why it is not. */
function readiness(child: ChildProcess, budgetMs: number): Promise<'ready' | {readonly why: string}> {
  return new Promise(resolve => {
    let said = '';
    let complaint = '';
    const timer = setTimeout(() => done({why: `it was not ready within ${Math.round(budgetMs)} ms`}), budgetMs);
    const done = (answer: 'ready' | {readonly why: string}) => {
      clearTimeout(timer);
      resolve(answer);
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('ready\n')) done('ready');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-4_000);
    });
    void endOf(child).then(
      () => done({why: lastError(complaint)}),
      (error: unknown) => done({why: describeError(error)}),
    );
  });
}

/** What a node that died of an exception says, without the stack. */
function lastError(text: string): string {
  const line = text.split('\n').find(one => /^(?:\w*Error|\w+: )/.test(one)) ?? text.trim().split('\n').at(-1) ?? '';
  return `it ended at once${line === '' ? '' : `: ${line.replace(/^Error: /, '').trim()}`}`;
}

/**
 * Starts a supervised interposer in the network namespace of the target and waits until it listens; nothing is
 * redirected yet. Answers why it did not start, after which nothing of it is left.
 */
export async function startInterposer(folder: string, start: StartFile, budgetMs: number): Promise<string | undefined> {
  mkdirSync(folder, {recursive: true, mode: 0o700});
  writeFileSync(join(folder, PLACES.start), JSON.stringify(start), {mode: 0o600});
  const inside = ['sh', '-c', supervisorScript(start.tag), 'firedrill-interposer', folder, ...interposerCommand()];
  // Its own session: the terminal's Ctrl-C must not reach it.
  const child = spawn('nsenter', ['-t', String(start.target.pid), '-n', '--', ...inside], {
    detached: true,
    cwd: '/',
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const answer = await readiness(child, budgetMs);
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  if (answer === 'ready') return undefined;
  killGroup(child);
  rmSync(folder, {recursive: true, force: true});
  return answer.why;
}
