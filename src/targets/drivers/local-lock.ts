import {randomBytes} from 'node:crypto';
import {link, readFile, rm, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {makeFolder} from '../../system/files.js';
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

/**
 * Takes the lock away from a holder that died; does nothing when somebody else holds it by now, and false when it may
 * not look in time. Under a lock of its own for just this holder: so nobody else removes the file between the look at
 * it and its end, and whoever holds the next one keeps it.
 */
async function removeStale(path: string, stale: Lock, budgetMs: number): Promise<boolean> {
  const its = Buffer.from(stale.nonce).toString('hex').slice(0, 64);
  const looked = await withLocalLock(`${path}.${its}`, budgetMs, async () => {
    if ((await readLock(path))?.nonce === stale.nonce) await rm(path, {force: true});
    return true;
  });
  return looked ?? false;
}

/**
 * Does `work` while no other process (and no other caller in this one) works under the same lock file. The lock of a
 * process that died is taken over. Answers `undefined` without working when the lock is not free within the budget
 * (ms).
 */
export async function withLocalLock<T>(path: string, budgetMs: number, work: () => Promise<T>): Promise<T | undefined> {
  await makeFolder(dirname(path));
  const nonce = randomBytes(12).toString('hex');
  const aside = `${path}.${nonce}.tmp`;
  const deadline = performance.now() + budgetMs;
  await writeFile(aside, JSON.stringify({...systemProcesses().self(), nonce}), {mode: 0o600});
  try {
    while (!(await tryLink(aside, path))) {
      const holder = await readLock(path);
      const leftMs = deadline - performance.now();
      const isDead = holder !== undefined && !(await isAlive(holder));
      if (isDead && (await removeStale(path, holder, leftMs))) continue;
      if (leftMs <= 0) return undefined;
      await delay(RETRY_MS);
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
