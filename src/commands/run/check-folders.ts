import {join} from 'node:path';
import type {Disk} from '../../system/files.js';
import {FiredrillError, describeError} from '../../system/error.js';

/** What helps, by the system's error code. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'Make room',
  EDQUOT: 'Make room',
  EROFS: 'Its file system is read-only',
  EACCES: 'This user may not write there',
  EPERM: 'This user may not write there',
  ENOTDIR: 'Something above it is no folder',
  EEXIST: 'There is something that is no folder',
  ENOENT: 'Its file system takes no folders',
};

function adviceFor(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return ADVICE[code] ?? 'Mend it';
}

/** Room that a run must find: a record that stops after its first events tells nothing. */
const ROOM_BYTES = 256 * 1024;

/**
 * Makes the folders that a run writes to, and tries each with a file that is removed again.
 * @throws FiredrillError FOLDER_UNWRITABLE: read-only, full, not ours, or no folder at all.
 */
export async function checkFolders(disk: Disk, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const trial = join(folder, `.firedrill-${process.pid}`);
    try {
      await disk.makeFolder(folder);
      await disk.createExclusive(trial, ' '.repeat(ROOM_BYTES));
      await disk.remove(trial);
    } catch (cause) {
      throw new FiredrillError(
        'FOLDER_UNWRITABLE',
        `Expected a folder with room for the record of a run; \`${folder}\`: ${describeError(cause)}. Nothing was injected.`,
        {
          hint: `${adviceFor(cause)}, or choose another: --runs-dir FOLDER for the runs, FIREDRILL_STATE for what is owed.`,
          cause,
        },
      );
    }
  }
}
