import {closeSync, fstatSync, openSync, readdirSync, readSync, statSync} from 'node:fs';

/**
 * What lists of many runs ask of the disk. At once, not in promises: ten thousand small reads are then several times
 * faster.
 */
export interface RunFiles {
  /** The names in a folder, sorted; none where it is not there. @throws the system's error where it may not be read. */
  names(folder: string): readonly string[];
  /** Size and time of the last change (ms); undefined where there is no such file. */
  look(path: string): {readonly bytes: number; readonly changedMs: number} | undefined;
  /** The text; undefined where there is no such file, it is none, or it is larger than `most` bytes. */
  read(path: string, most: number): string | undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function unlessMissing<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export const systemRunFiles: RunFiles = {
  names: folder => unlessMissing(() => readdirSync(folder).sort()) ?? [],

  look: path => {
    const found = unlessMissing(() => statSync(path));
    return found?.isFile() === true ? {bytes: found.size, changedMs: found.mtimeMs} : undefined;
  },

  read: (path, most) => {
    const file = unlessMissing(() => openSync(path, 'r'));
    if (file === undefined) return undefined;
    try {
      const found = fstatSync(file);
      if (!found.isFile() || found.size > most) return undefined;
      const {size} = found;
      const buffer = Buffer.allocUnsafe(size);
      return buffer.toString('utf8', 0, readSync(file, buffer, 0, size, 0));
    } finally {
      closeSync(file);
    }
  },
};
