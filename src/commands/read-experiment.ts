import {createHash} from 'node:crypto';
import {closeSync, constants, openSync, readFileSync, realpathSync, statSync} from 'node:fs';
import {dirname, isAbsolute, relative, resolve, sep} from 'node:path';
import {parseExperiment, type ParsedExperiment} from '../experiment/parse.js';
import {pemProblems} from '../signals/network/certificates.js';
import {FiredrillError, describeError} from '../system/error.js';

/** Far above any experiment; the parser has its own limits on what is inside. */
const MAX_BYTES = 32 * 1024 * 1024;

export interface ReadOptions {
  readonly variables: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folders, besides that of the file, below which included files may be. */
  readonly includeFrom: readonly string[] | undefined;
  /** From `--go-on`: how long baseline and injections may become; it wins over the file. */
  readonly goOnMs?: number | undefined;
}

export interface ReadExperiment {
  readonly path: string;
  /** Of the file and everything it includes. */
  readonly sha256: string;
  readonly parsed: ParsedExperiment;
}

/** Where a folder or file really is: symbolic links resolved. */
function isBelow(path: string, folder: string): boolean {
  const way = relative(realpathSync(folder), realpathSync(path));
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function readBytes(path: string): Uint8Array {
  const stats = statSync(path);
  if (!stats.isFile()) throw new Error('it is not a file');
  if (stats.size > MAX_BYTES) throw new Error(`it has ${stats.size} bytes, more than ${MAX_BYTES}`);
  // Some files of the kernel look like any other and would be waited for.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Reads and parses an experiment file with what it includes. Touches nothing else.
 * @throws FiredrillError FILE_UNREADABLE; what is wrong inside the file is in `parsed.problems`.
 */
export function readExperiment(path: string, options: ReadOptions): ReadExperiment {
  let content: Uint8Array;
  try {
    content = readBytes(path);
  } catch (cause) {
    throw new FiredrillError('FILE_UNREADABLE', `Expected an experiment file; \`${path}\` cannot be read.`, {cause});
  }
  const folders = [dirname(path), ...(options.includeFrom ?? [])];
  const digest = createHash('sha256').update(content);
  const parsed = parseExperiment({
    file: path,
    content,
    environment: options.environment,
    variables: options.variables,
    goOnMs: options.goOnMs,
    checkPem: paths => pemProblems(paths).map(({part, what, cause}) => ({part, what, why: describeError(cause)})),
    readInclude: name => {
      const file = resolve(dirname(path), name);
      try {
        if (!folders.some(folder => isBelow(file, folder)))
          return {
            why: 'it is outside the folder of this file',
            hint: 'copy it, or allow its folder by --include-from FOLDER',
          };
        const included = readBytes(file);
        digest.update('\0').update(included);
        return {file, content: included};
      } catch (error) {
        return {why: describeError(error)};
      }
    },
  });
  return {path, sha256: digest.digest('hex'), parsed};
}
