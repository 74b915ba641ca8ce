import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import {parse} from 'csv-parse/sync';

/** What users of a load have, row by row. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Every thread of a load holds all of it. */
const MOST_BYTES = 10 * 1024 * 1024;
const MOST_ROWS = 100_000;
/** A longer value fits into no request. */
const LONGEST_ROW = 64 * 1024;

/** Why there is no table. It never tells what is in the file: rows may hold passwords. */
export interface NoTable {
  readonly why: string;
  readonly hint?: string;
}

/** Reads a file of comma-separated values (RFC 4180, UTF-8) whose first line names the columns. */
export async function readCsv(
  path: string,
): Promise<(CsvTable & {readonly path: string; readonly sha256: string}) | NoTable> {
  let bytes: Buffer;
  try {
    bytes = await readBounded(path);
  } catch (error) {
    return {why: error instanceof Error ? error.message : String(error)};
  }
  const table = tableIn(bytes);
  return 'why' in table ? table : {...table, path, sha256: createHash('sha256').update(bytes).digest('hex')};
}

async function readBounded(path: string): Promise<Buffer> {
  // Some files of the kernel look like any other and would be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error('it is not a file');
    if (stats.size > MOST_BYTES) throw new Error(`it has ${stats.size} bytes, more than ${MOST_BYTES}`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function tableIn(bytes: Buffer): CsvTable | NoTable {
  let text: string;
  try {
    text = new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    return {why: 'it is not UTF-8', hint: 'save it as UTF-8'};
  }
  let records: string[][];
  try {
    records = parse(text, {skip_empty_lines: true, max_record_size: LONGEST_ROW, to: MOST_ROWS + 2});
  } catch (error) {
    return {why: syntaxOf(error)};
  }
  const [columns, ...rows] = records;
  if (columns === undefined)
    return {why: 'it is empty', hint: 'its first line names the columns, each further line is a row'};
  if (rows.length === 0) return {why: 'it has no row below the names of the columns'};
  if (rows.length > MOST_ROWS) return {why: `it has more than ${MOST_ROWS} rows`};
  const twice = columns.find((column, at) => columns.indexOf(column) !== at);
  return twice === undefined ? {columns, rows} : {why: `it has two columns named \`${twice}\``};
}

const SYNTAX: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'has another number of values than the first line',
  CSV_QUOTE_NOT_CLOSED: 'is the last; a quote is not closed',
  INVALID_OPENING_QUOTE: 'has a quote in the middle of a value',
  CSV_INVALID_CLOSING_QUOTE: 'has text after a closing quote',
  CSV_MAX_RECORD_SIZE: `has more than ${LONGEST_ROW} characters`,
};

function syntaxOf(error: unknown): string {
  const {code, lines} = error as {code?: unknown; lines?: unknown};
  const what = SYNTAX[String(code)] ?? 'cannot be read';
  return `line ${String(lines)} ${what}`;
}
