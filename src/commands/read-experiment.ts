import {createHash} from 'node:crypto';
import {readFileSync, statSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import {parseExperiment, type Parsed} from '../experiment/parse.js';
import {FiredrillError, describeError} from '../system/error.js';

/** Far above any experiment; the parser has its own limits on what is inside. */
const MAX_BYTES = 32 * 1024 * 1024;

export interface ReadOptions {
  readonly variables: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ReadExperiment {
  readonly path: string;
  /** Of the file and everything it includes. */
  readonly sha256: string;
  readonly parsed: Parsed;
}

function readBytes(path: string): Uint8Array {
  const stats = statSync(path);
  if (!stats.isFile()) throw new Error('it is not a file');
  if (stats.size > MAX_BYTES) throw new Error(`it has ${stats.size} bytes, more than ${MAX_BYTES}`);
  return readFileSync(path);
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
  const digest = createHash('sha256').update(content);
  const parsed = parseExperiment({
    file: path,
    content,
    environment: options.environment,
    variables: options.variables,
    readInclude: name => {
      const file = resolve(dirname(path), name);
      try {
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
