import {createHash} from 'node:crypto';
import {closeSync, constants, openSync, readFileSync, realpathSync, statSync} from 'node:fs';
import {dirname, isAbsolute, relative, resolve, sep} from 'node:path';
import {parseExperiment, type ParsedExperiment} from '../experiment/parse.js';
import type {CsvLook} from '../experiment/sections/csv.js';
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
 * Reads and parses an experiment file with what it includes and names. Touches nothing else.
 * @throws FiredrillError FILE_UNREADABLE; what is wrong inside the file is in `parsed.problems`.
 */
export async function readExperiment(path: string, options: ReadOptions): Promise<ReadExperiment> {
  let content: Uint8Array;
  try {
    content = readBytes(path);
  } catch (cause) {
    throw new FiredrillError('FILE_UNREADABLE', `Expected an experiment file; \`${path}\` cannot be read.`, {cause});
  }
  const tables = new Map<string, CsvLook | undefined>();
  const read = parseFile(path, content, {...options, tables});
  if (tables.size === 0) return read;
  // What reads them is not loaded for a file that names none. With them it is told what is wrong in their place.
  const {readCsv} = await import('../signals/load/csv.js');
  for (const file of tables.keys()) tables.set(file, await readCsv(file));
  return parseFile(path, content, {...options, tables});
}

/** What `read` has of a file, where it is below one of the folders; else why it has not. */
function inFolders<T>(
  file: string,
  folders: readonly string[],
  read: () => T,
): T | {readonly why: string; readonly hint?: string} {
  try {
    if (folders.some(folder => isBelow(file, folder))) return read();
    return {
      why: 'it is outside the folder of this file',
      hint: 'copy it, or allow its folder by --include-from FOLDER',
    };
  } catch (error) {
    return {why: describeError(error)};
  }
}

/** `tables`: files of rows by their path; those that are asked for and not there are put down for reading. */
function parseFile(
  path: string,
  content: Uint8Array,
  {tables, ...options}: ReadOptions & {readonly tables: Map<string, CsvLook | undefined>},
): ReadExperiment {
  const digest = createHash('sha256').update(content);
  const folders = [dirname(path), ...(options.includeFrom ?? [])];
  const parsed = parseExperiment({
    file: path,
    content,
    environment: options.environment,
    variables: options.variables,
    goOnMs: options.goOnMs,
    checkPem: paths => pemProblems(paths).map(({part, what, cause}) => ({part, what, why: describeError(cause)})),
    readInclude: name => {
      const file = resolve(dirname(path), name);
      return inFolders(file, folders, () => {
        const included = readBytes(file);
        digest.update('\0').update(included);
        return {file, content: included};
      });
    },
    readCsv: (name, by) => {
      const file = resolve(dirname(by), name);
      return inFolders(file, folders, () => {
        const table = tables.get(file);
        if (table === undefined) tables.set(file, undefined);
        return table;
      });
    },
  });
  return {path, sha256: digest.digest('hex'), parsed};
}
