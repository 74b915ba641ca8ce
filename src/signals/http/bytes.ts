/** Reads fields of a head from bytes: to make text of what every answer holds costs more than to read it. */

export const CR = 13;
export const LF = 10;
export const SPACE = 32;
const TAB = 9;
const COMMA = 44;
const ZERO = 48;
/** A letter with it is a small one; of what else names are made of, it tells no two apart. */
const SMALL = 32;

/** More digits are no length. */
const MOST_DIGITS = 15;

/** Whether this word (in lower case) stands here, in whatever case. */
export function reads(bytes: Buffer, from: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (((bytes[from + i] ?? 0) | SMALL) !== word.charCodeAt(i)) return false;
  return true;
}

/** Whether a list with commas has this member (in lower case), in whatever case. */
export function lists(bytes: Buffer, from: number, to: number, word: string): boolean {
  for (let at = from; at < to; at++) {
    const first = afterBlanks(bytes, at, to);
    const last = afterBlanks(bytes, first + word.length, to);
    if (last <= to && (last === to || bytes[last] === COMMA) && reads(bytes, first, word)) return true;
    while (at < to && bytes[at] !== COMMA) at++;
  }
  return false;
}

/** The whole number that stands here between blanks; NaN when it is none. */
export function wholeNumber(bytes: Buffer, from: number, to: number): number {
  const first = afterBlanks(bytes, from, to);
  const last = afterDigits(bytes, first, to);
  const digits = last - first;
  const alone = afterBlanks(bytes, last, to) === to;
  return alone && digits > 0 && digits <= MOST_DIGITS ? numberOf(bytes, first, last) : NaN;
}

/** The number after the first `word` (in lower case) that one follows; undefined when there is none. */
export function numberAfter(bytes: Buffer, from: number, to: number, word: string): number | undefined {
  for (let at = from; at < to; at++) {
    const first = at + word.length;
    const last = afterDigits(bytes, first, to);
    if (last > first && reads(bytes, at, word)) return numberOf(bytes, first, last);
  }
  return undefined;
}

function numberOf(bytes: Buffer, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = 10 * number + (bytes[at] ?? 0) - ZERO;
  return number;
}

function afterDigits(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && isDigit(bytes[at])) at++;
  return at;
}

function afterBlanks(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at;
}

function isDigit(byte = 0): boolean {
  return byte >= ZERO && byte < ZERO + 10;
}
