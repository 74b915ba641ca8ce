import {randomBytes} from 'node:crypto';
import {link, mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {isAlive, systemProcesses, type ProcessIdentity} from '../../system/processes.js';

const RETRY_MS = 20;

interface Lock extends ProcessIdentity {
  readonly nonce: string;
}

/** Undefined when there is none; a torn one (a crash of the machine) has no holder: its nonce is empty. */
async function readLock(path: string): Promise<Lock | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Lock;
  } catch (error) {
    return error instanceof SyntaxError ? {pid: 0, startTicks: '', boot: '', nonce: ''} : undefined;
  }
}

/** Takes the lock away from a holder that died; does nothing when somebody else holds it by now. */
async function removeStale(path: string, stale: Lock): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const taken = await readLock(aside);
  if (taken?.nonce !== stale.nonce) await link(aside, path).catch(() => undefined);
  await rm(aside, {force: true});
}

/**
 * Does `work` while no other process (and no other caller in this one) works under the same lock file. The lock of a
 * process that died is taken over. Answers `undefined` without working when the lock is not free within the budget (ms).
 */
export async function withLocalLock<T>(path: string, budgetMs: number, work: () => Promise<T>): Promise<T | undefined> {
  await mkdir(dirname(path), {recursive: true, mode: 0o700});
  const nonce = randomBytes(12).toString('hex');
  const aside = `${path}.${nonce}.tmp`;
  const deadline = performance.now() + budgetMs;
  await writeFile(aside, JSON.stringify({...systemProcesses().self(), nonce}), {mode: 0o600});
  try {
    while (!(await tryLink(aside, path))) {
      const holder = await readLock(path);
      if (holder !== undefined && !(await isAlive(holder))) await removeStale(path, holder);
      else if (performance.now() >= deadline) return undefined;
      else await delay(RETRY_MS);
    }
  } finally {
    await rm(aside, {force: true});
  }
  try {
    return await work();
  } finally {
    if ((await readLock(path))?.nonce === nonce) await rm(path, {force: true});
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
