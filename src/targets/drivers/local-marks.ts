import {createHash, randomBytes} from 'node:crypto';
import {mkdir, open, readdir, readFile, rename, rm, rmdir, stat, unlink} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {makeFolder} from '../../system/files.js';
import {whyNotOurs} from '../../system/ownership.js';
import type {Debt, Marked, TargetRef, UnreadableMark} from '../contract.js';
import {debtFrom, leaseFrom} from '../debt.js';

/**
 * Marks of local objects (processes, an author's commands). A mark is a folder `<stateDir>/marks/<hash of the object>`
 * with one file per debt. It is created together with its first debt by rename(2), which fails when the folder exists
 * and is not empty: that is the compare-and-set. Debts are added and removed one file at a time, so nobody rewrites
 * what another wrote, and a mark without debts frees itself.
 */
export interface LocalMarks {
  mark(debt: Debt): Promise<Marked>;
  /** Replaces the debt in its mark; does nothing when it is not there. */
  renew(debt: Debt): Promise<void>;
  /** The run that holds the target while this debt has no mark there. */
  heldByOther(debt: Debt): Promise<string | undefined>;
  unmark(debt: Debt): Promise<void>;
  /** Debts of one run, or of all, in a stable order. */
  debts(run: string | undefined): Promise<readonly Debt[]>;
  unreadable(): Promise<readonly UnreadableMark[]>;
  requestStop(run: string): Promise<void>;
  stopRequested(run: string): Promise<boolean>;
}

/** How often a mark that was removed at the same moment is tried again. */
const ATTEMPTS = 20;
/** A request to stop is left for the runner to see at least this long, even when its last debt is settled meanwhile. */
const STOP_SEEN_WITHIN_MS = 10_000;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const isMissing = (error: unknown) => codeOf(error) === 'ENOENT';
const isTaken = (error: unknown) => codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST';

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a whole file durably and at once; an existing one is replaced. `by` names the temporary file before it is
 * renamed.
 */
export async function writeDurably(path: string, text: string, by = path): Promise<void> {
  const aside = `${by}.${randomBytes(6).toString('hex')}.tmp`;
  await writeSynced(aside, text);
  try {
    await rename(aside, path);
  } catch (error) {
    await rm(aside, {force: true});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** A JSON file; undefined when it is missing or torn. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function listFolder(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The debts in one mark, those that can be read and what the others are. */
async function readAll(folder: string): Promise<readonly (Debt | UnreadableMark)[]> {
  const names = (await listFolder(folder)).filter(name => !name.endsWith('.tmp'));
  const read = names.map(async (name): Promise<Debt | UnreadableMark | undefined> => {
    const where = join(folder, name);
    const foreign = whyNotOurs(folder) ?? whyNotOurs(where);
    if (foreign !== undefined) return {where, why: foreign};
    const value = await readJson(where);
    const debt = value === undefined ? 'it is torn' : debtFrom(value);
    // Removed at this moment: nothing is there any more.
    if (typeof debt === 'string' && !(await exists(where))) return undefined;
    return typeof debt === 'string' ? {where, why: debt} : debt;
  });
  return (await Promise.all(read)).filter(one => one !== undefined);
}

const isDebt = (one: Debt | UnreadableMark): one is Debt => 'undo' in one;

async function read(folder: string): Promise<readonly Debt[]> {
  return (await readAll(folder)).filter(isDebt);
}

/** Opens the marks of one driver under the user's state directory. Creates nothing until something is marked. */
export function openLocalMarks(stateDir: string, driver: string): LocalMarks {
  const root = join(stateDir, 'marks');
  const stops = join(stateDir, 'stops');
  const leases = join(stateDir, 'leases');
  const folderOf = ({object}: TargetRef) => join(root, hashOf(`${driver}\n${object}`));
  const fileOf = (debt: Debt) => `${hashOf(debt.id).slice(0, 32)}.json`;
  const markOf = (debt: Debt) => folderOf(debt.undo.ref);
  const stopOf = (run: string) => join(stops, hashOf(run).slice(0, 32));

  /**
   * A lease lives beside its debt: replacing the debt itself could bring a mark back that was removed at that moment.
   */
  const leaseOf = (debt: Debt) => join(leases, fileOf(debt));
  const withLease = async (debt: Debt): Promise<Debt> => {
    const lease = leaseFrom(await readJson(leaseOf(debt)));
    return lease === undefined ? debt : {...debt, lease};
  };
  const folders = async () =>
    (await listFolder(root)).filter(name => !name.includes('.')).map(name => join(root, name));
  const all = async (run: string | undefined): Promise<readonly Debt[]> => {
    const debts = (await Promise.all((await folders()).map(read))).flat();
    const wanted = debts.filter(debt => debt.undo.ref.driver === driver && (run === undefined || debt.run === run));
    return Promise.all(wanted.sort((a, b) => (a.id < b.id ? -1 : 1)).map(withLease));
  };

  return {
    mark: debt => setMark({root, folder: markOf(debt), file: fileOf(debt)}, debt),
    renew: async debt => {
      await makeFolder(leases);
      await writeDurably(leaseOf(debt), JSON.stringify(debt.lease));
      if (!(await exists(join(markOf(debt), fileOf(debt))))) await rm(leaseOf(debt), {force: true});
    },
    heldByOther: async debt => {
      const marked = await read(markOf(debt));
      if (marked.some(one => one.id === debt.id)) return undefined;
      return marked.find(one => one.run !== debt.run)?.run;
    },
    unmark: async debt => {
      await removeFrom(markOf(debt), fileOf(debt));
      await rm(leaseOf(debt), {force: true});
      if ((await all(debt.run)).length === 0) await forgetStop(stopOf(debt.run));
    },
    debts: all,
    // A mark that cannot be read does not say of which driver it is.
    unreadable: async () =>
      (await Promise.all((await folders()).map(readAll))).flat().filter((one): one is UnreadableMark => !isDebt(one)),
    requestStop: async run => {
      await makeFolder(stops);
      await writeDurably(stopOf(run), `${run}\n`);
    },
    stopRequested: run => exists(stopOf(run)),
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

interface MarkPaths {
  readonly root: string;
  readonly folder: string;
  readonly file: string;
}

async function setMark(place: MarkPaths, debt: Debt): Promise<Marked> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await create(place, debt)) return {debt: debt.id, state: 'marked'};
    const there = await read(place.folder);
    // Freed at this moment: an empty folder is created anew.
    if (there.length === 0) continue;
    const held = otherRun(there, debt);
    if (held !== undefined) return heldBy(debt, held);
    // Ours: add the debt, then look again, because the mark may have changed hands between the two.
    try {
      await writeDurably(join(place.folder, place.file), JSON.stringify(debt), place.folder);
    } catch (error) {
      if (isMissing(error)) continue;
      throw error;
    }
    const taken = otherRun(await read(place.folder), debt);
    if (taken === undefined) return {debt: debt.id, state: 'marked'};
    await removeFrom(place.folder, place.file);
    return heldBy(debt, taken);
  }
  return {
    debt: debt.id,
    state: 'failed',
    why: `the mark ${place.folder} keeps changing or cannot be read: remove it when no run is alive`,
  };
}

/** Creates the mark with this debt in it, whole and durable; false when there is one already. */
async function create({root, folder, file}: MarkPaths, debt: Debt): Promise<boolean> {
  await makeFolder(root);
  const aside = `${folder}.${randomBytes(6).toString('hex')}.tmp`;
  await mkdir(aside, {mode: 0o700});
  try {
    await writeSynced(join(aside, file), JSON.stringify(debt));
    await syncFolder(aside);
    await rename(aside, folder);
    await syncFolder(root);
    return true;
  } catch (error) {
    await rm(aside, {recursive: true, force: true});
    if (isTaken(error)) return false;
    throw error;
  }
}

function otherRun(marked: readonly Debt[], debt: Debt): Debt | undefined {
  return marked.find(one => one.run !== debt.run);
}

function heldBy(debt: Debt, other: Debt): Marked {
  return {debt: debt.id, state: 'held', by: other.run, hardStop: other.lease.hardStop.wall};
}

/** Removes one debt, and the mark with its last one. */
async function removeFrom(folder: string, file: string): Promise<void> {
  try {
    await unlink(join(folder, file));
    await syncFolder(folder);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isMissing(error) && !isTaken(error)) throw error;
  }
}

/** Removes a request to stop that its run has had the time to see. */
async function forgetStop(path: string): Promise<void> {
  try {
    const {mtimeMs} = await stat(path);
    if (Date.now() - mtimeMs >= STOP_SEEN_WITHIN_MS) await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
