import {strangersIn} from './strangers.js';
import type {Path, Problem, ProblemCode} from '../problem.js';

/** Files above this are refused: an experiment is a page or two of text. */
export const MAX_FILE_BYTES = 1024 * 1024;

/** A file's text, with what is needed to name places in it. */
export interface Source {
  readonly file: string;
  readonly text: string;
  /** Offsets at which lines start. */
  readonly lineStarts: readonly number[];
}

/** From and to (exclusive) as offsets into a source's text. */
export type TextRange = readonly [from: number, to: number];

/** What is said about a place. */
export interface Remark {
  readonly path: Path;
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Reads bytes as UTF-8 (a byte order mark is dropped, CRLF kept: the YAML reader knows it). */
export function decode(file: string, content: string | Uint8Array): Source | Problem {
  const bytes = typeof content === 'string' ? content.length : content.byteLength;
  if (bytes > MAX_FILE_BYTES) {
    return unreadable(file, `expected a file of at most 1 MiB; got ${(bytes / MAX_FILE_BYTES).toFixed(1)} MiB`);
  }
  const text = typeof content === 'string' ? content : utf8(content);
  if (text === undefined) return notText(file, typeof content === 'string' ? new Uint8Array() : content);
  const clean = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (clean.includes('\0')) return unreadable(file, 'expected text; got a file with NUL characters', NAME_A_FILE);
  return {file, text: clean, lineStarts: lineStarts(clean)};
}

const NAME_A_FILE = 'name an experiment file: YAML or JSON';

function notText(file: string, bytes: Uint8Array): Problem {
  const first = [...bytes.slice(0, 2)];
  if (first.includes(0xff) && first.includes(0xfe))
    return unreadable(file, 'expected UTF-8 text; got UTF-16', 'save the file as UTF-8');
  if (bytes.includes(0)) return unreadable(file, 'expected UTF-8 text; got a binary file', NAME_A_FILE);
  return unreadable(file, 'expected UTF-8 text; got bytes that are not UTF-8', 'save the file as UTF-8');
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return undefined;
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}

/** A problem of the file as a whole, at its first line. */
export function unreadable(file: string, message: string, hint?: string): Problem {
  const place = {file, line: 1, column: 1, length: 1, path: [], sourceLine: ''};
  return {...place, code: 'UNREADABLE', message, ...(hint === undefined ? {} : {hint})};
}

/** Line and column (from 1) of an offset. */
export function position(source: Source, offset: number): {readonly line: number; readonly column: number} {
  const starts = source.lineStarts;
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return {line: low + 1, column: offset - (starts[low] ?? 0) + 1};
}

/** What is told of a text that is not the one that was expected: it may only look like that. */
const OF_A_TEXT: readonly ProblemCode[] = [
  'UNKNOWN_KEY',
  'UNKNOWN_REFERENCE',
  'WRONG_UNIT',
  'WRONG_VALUE',
  'WRONG_TYPE',
];

/** Nobody compares longer texts by eye. */
const MOST_LOOKED_AT = 200;

/** A problem about a range of a source. */
export function problemAt(source: Source, [from, to]: TextRange, remark: Remark): Problem {
  const start = Math.min(Math.max(0, from), source.text.length);
  const {line, column} = position(source, start);
  const begin = source.lineStarts[line - 1] ?? 0;
  const end = source.lineStarts[line] ?? source.text.length;
  const sourceLine = source.text.slice(begin, end).replace(/\r?\n$/, '');
  const length = Math.max(1, Math.min(to, begin + sourceLine.length) - start);
  const {hint: given, ...rest} = remark;
  const strangers = OF_A_TEXT.includes(remark.code)
    ? strangersIn(sourceLine.slice(column - 1, column - 1 + Math.min(length, MOST_LOOKED_AT)))
    : undefined;
  const hint = [given, strangers].filter(part => part !== undefined).join('; ');
  return {file: source.file, line, column, length, ...rest, ...(hint === '' ? {} : {hint}), sourceLine};
}
