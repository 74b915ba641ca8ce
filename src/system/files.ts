import {randomBytes} from 'node:crypto';
import {link, mkdir, open, readdir, readFile, rename, rm, stat, unlink} from 'node:fs/promises';
import {dirname} from 'node:path';
import {whyNotOurs} from './ownership.js';

/** The durable disk, as the safety code sees it: the simulation replaces it by one that loses unsynced bytes. */
export interface Disk {
  /** Appends and, when `durable`, returns only after an fsync of file and folder. */
  append(path: string, text: string, durable: boolean): Promise<void>;
  /** Creates the file with this text (durably); false when it exists already. */
  createExclusive(path: string, text: string): Promise<boolean>;
  /** Replaces the file's text at once (rename); not durable. */
  replace(path: string, text: string): Promise<void>;
  /** The text, or undefined when there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Why what lies there may be somebody else's word; undefined when it is this user's alone, or not there. */
  distrust(path: string): Promise<string | undefined>;
  list(folder: string): Promise<readonly string[]>;
  remove(path: string): Promise<void>;
  /** Durably, with all folders above it; does nothing when it is there. */
  makeFolder(path: string): Promise<void>;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a whole new file durably under a temporary name and returns that name. */
async function writeAside(path: string, text: string, durable: boolean): Promise<string> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = await open(aside, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    if (durable) await handle.sync();
  } catch (error) {
    // A full disk does not keep half a file.
    await unlink(aside).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
  return aside;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Makes a folder, and those above it, for nobody else to read. What is synced in a folder is lost with the folder's own
 * name: each new one is synced into the one above it.
 * @throws the system's error of the first that cannot be made.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  // Not by mkdir's own `recursive`: it never ends where a file system takes no folders (/proc), and hides EROFS.
  const above = dirname(path);
  if (above !== path) await makeFolder(above);
  try {
    await mkdir(path, 0o700);
  } catch (error) {
    if (isTaken(error) && (await isFolder(path))) return;
    throw error;
  }
  await syncFolder(above);
}

/** The real disk: see `Disk` in run/ports.ts for the promises each call makes. */
export const systemDisk = {
  async append(path: string, text: string, durable: boolean): Promise<void> {
    const handle = await open(path, 'a', 0o600);
    try {
      const created = durable && (await handle.stat()).size === 0;
      await handle.writeFile(text);
      if (durable) await handle.datasync();
      if (created) await syncFolder(dirname(path));
    } finally {
      await handle.close();
    }
  },

  /** link(2) fails when the name exists and shows the file only with its whole text: a real compare-and-set. */
  async createExclusive(path: string, text: string): Promise<boolean> {
    const aside = await writeAside(path, text, true);
    try {
      await link(aside, path);
      await syncFolder(dirname(path));
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    } finally {
      await unlink(aside);
    }
  },

  async replace(path: string, text: string): Promise<void> {
    const aside = await writeAside(path, text, false);
    await rename(aside, path);
  },

  async read(path: string): Promise<string | undefined> {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },

  distrust: (path: string): Promise<string | undefined> => Promise.resolve(whyNotOurs(path)),

  async list(folder: string): Promise<readonly string[]> {
    try {
      return (await readdir(folder)).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },

  async remove(path: string): Promise<void> {
    await rm(path, {recursive: true, force: true});
  },

  makeFolder,
};
