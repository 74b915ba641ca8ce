import {spawn} from 'node:child_process';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {FiredrillError} from '../../system/error.js';
import type {GuardianHandle} from './keep-alive.js';

const READY_MS = 10_000;
/** A guardian that was stopped or hangs does not hear the farewell: by then it has nothing left to do. */
const FAREWELL_MS = 10_000;

/** How to start the guardian: bundled, or from source through tsx. */
function guardianCommand(): readonly string[] {
  const here = import.meta.url;
  return here.endsWith('.ts')
    ? ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('./guardian-main.ts', here))]
    : [fileURLToPath(new URL('./guardian.js', here))];
}

/**
 * Starts the detached guardian (its own session, so that a Ctrl-C in the terminal does not reach it) and waits until it
 * is watching.
 * @throws FiredrillError CAPABILITY_MISSING when it does not start: without a guardian nothing is injected.
 */
export async function startGuardian(stateDir: string, run: string): Promise<GuardianHandle> {
  const child = spawn(process.execPath, [...guardianCommand(), stateDir, run], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>(resolve => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const ready = new Promise<boolean>(resolve => child.stdout.once('data', () => resolve(true)));
  // A guardian that is gone closes the pipe: writing to it must not end the runner.
  child.stdin.on('error', () => undefined);
  const isReady = await within(READY_MS, Promise.race([ready, ended.then(() => false)]));
  if (isReady !== true || child.pid === undefined) {
    child.kill('SIGKILL');
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      'The guardian process did not start; without it nothing is injected.',
    );
  }
  child.stdout.destroy();
  child.unref();
  return {
    pid: child.pid,
    beat: () => void child.stdin.write('.'),
    bye: async () => {
      // Nothing else may keep this process alive by now: the farewell must be waited for.
      child.ref();
      child.stdin.end('q');
      if (
        (await within(
          FAREWELL_MS,
          ended.then(() => true),
        )) === undefined
      )
        child.kill('SIGKILL');
      await ended;
    },
    ended,
  };
}

/** The answer, or undefined after `ms`. */
async function within<T>(ms: number, wanted: Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([wanted, delay(ms, undefined, {signal: over.signal})]);
  } finally {
    over.abort();
  }
}
