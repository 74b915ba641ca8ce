import {brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync, inflateSync} from 'node:zlib';
import type {Json} from '../../quantities/json.js';
import {compilePattern, type Pattern} from '../../quantities/pattern.js';
import {rewritten, valueOf, type Head} from './head.js';

/** What is changed in a response. */
export interface ResponseChange {
  /** Fields to set, in place of those of the same name. */
  readonly set: Readonly<Record<string, string>>;
  /** Fields to take out, in lower case. */
  readonly remove: readonly string[];
  /** The whole body, in place of the service's. */
  readonly body?: string | undefined;
  /** Within the body, one after the other. */
  readonly replace: readonly {readonly find: string | {readonly regexp: string}; readonly with: string}[];
  /** Values to set in a JSON body, by JSON pointer (RFC 6901). */
  readonly json: Readonly<Record<string, Json>>;
}

/** A body that is larger is not held back to be changed: it passes as it is. */
export const LARGEST_BODY = 8 * 1024 * 1024;

/**
 * A pattern is searched for in a body only where that takes at most this many steps (its parts times the characters):
 * seconds at worst.
 */
const MOST_STEPS = 100_000_000;
/** All searches in one body together: other connections and the control API wait meanwhile. */
const LONGEST_MS = 500;

interface Coding {
  readonly decode: (bytes: Buffer) => Buffer;
  readonly encode: (bytes: Buffer) => Buffer;
}

const LIMIT = {maxOutputLength: LARGEST_BODY};
const PLAIN: Coding = {decode: bytes => bytes, encode: bytes => bytes};
const GZIP: Coding = {decode: bytes => gunzipSync(bytes, LIMIT), encode: bytes => gzipSync(bytes)};
const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['', PLAIN],
  ['identity', PLAIN],
  ['gzip', GZIP],
  ['x-gzip', GZIP],
  ['deflate', {decode: bytes => inflateSync(bytes, LIMIT), encode: bytes => deflateSync(bytes)}],
  ['br', {decode: bytes => brotliDecompressSync(bytes, LIMIT), encode: bytes => brotliCompressSync(bytes)}],
]);

function codingOf(head: Head): Coding | undefined {
  return CODINGS.get((valueOf(head, 'content-encoding') ?? '').trim().toLowerCase());
}

export function changesHead({set, remove}: ResponseChange): boolean {
  return remove.length > 0 || Object.keys(set).length > 0;
}

/** Something within the body is changed, so that all of it has to be held. */
export function changesWithin({replace, json}: ResponseChange): boolean {
  return replace.length > 0 || Object.keys(json).length > 0;
}

/** A stream of events has no end, and what is encoded otherwise cannot be read. */
export function canChangeWithin(head: Head): boolean {
  return codingOf(head) !== undefined && !(valueOf(head, 'content-type') ?? '').startsWith('text/event-stream');
}

/** What may not be kept of a response whose body was changed: caches would let the fault live on. */
const VALIDATORS = ['etag', 'last-modified', 'cache-control', 'content-md5', 'digest', 'content-digest', 'repr-digest'];

/** The head with its changes; with the length of a new body where there is one. */
export function changedHead(head: Head, {set, remove}: ResponseChange, length?: number, plain = false): Buffer {
  const names = Object.keys(set).map(name => name.toLowerCase());
  const framing =
    length === undefined
      ? []
      : ['content-length', 'transfer-encoding', 'trailer', ...VALIDATORS, ...(plain ? ['content-encoding'] : [])];
  const added: (readonly [string, string])[] = Object.entries(set);
  if (length !== undefined) {
    added.push(['content-length', String(length)]);
    if (!names.includes('cache-control')) added.push(['cache-control', 'no-store']);
  }
  return rewritten(head, [...names, ...remove, ...framing], added);
}

/**
 * The new body in the response's own encoding; undefined when nothing in it was to be changed, or it cannot be read.
 */
export function changedWithin(head: Head, content: Buffer, change: ResponseChange): Buffer | undefined {
  const coding = codingOf(head);
  if (coding === undefined) return undefined;
  try {
    const plain = coding.decode(content);
    const text = plain.toString('utf8');
    // Not text at all: it would not survive the way there and back.
    if (!Buffer.from(text).equals(plain)) return undefined;
    const next = withJson(replaced(text, change), change);
    return next === text ? undefined : coding.encode(Buffer.from(next));
  } catch {
    return undefined;
  }
}

function replaced(text: string, {replace}: ResponseChange): string {
  let next = text;
  for (const {find, with: by} of replace) {
    next = typeof find === 'string' ? next.replaceAll(find, () => by) : replacedPattern(next, find, by);
  }
  return next;
}

const patterns = new WeakMap<object, Pattern>();

function replacedPattern(text: string, find: {readonly regexp: string}, by: string): string {
  const pattern = patterns.get(find) ?? compilePattern(find.regexp);
  patterns.set(find, pattern);
  if (text.length * pattern.size > MOST_STEPS) throw new RangeError('the body is too large for this pattern');
  // One search ends in time; as many searches as there are characters might not.
  const until = performance.now() + LONGEST_MS;
  for (const _ of pattern.matchAll(text)) {
    if (performance.now() > until) throw new RangeError('the pattern takes too long in this body');
  }
  return pattern.replaceAll(text, by);
}

function withJson(text: string, {json}: ResponseChange): string {
  const pointers = Object.entries(json);
  if (pointers.length === 0) return text;
  const holder: Record<string, unknown> = {'': JSON.parse(text) as unknown};
  let changed = false;
  for (const [pointer, value] of pointers) changed = setAt(holder, pointer, value) || changed;
  return changed ? JSON.stringify(holder['']) : text;
}

/** Sets what a pointer points at; false when there is no such place. */
function setAt(holder: Record<string, unknown>, pointer: string, value: Json): boolean {
  const parts = pointer.split('/').map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  let at: unknown = holder;
  for (const part of parts.slice(0, -1)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return false;
    at = (at as Record<string, unknown>)[part];
  }
  const last = parts.at(-1) ?? '';
  if (Array.isArray(at)) {
    const index = last === '-' ? at.length : /^\d+$/.test(last) ? Number(last) : -1;
    if (index < 0 || index > at.length) return false;
    at[index] = value;
    return true;
  }
  if (typeof at !== 'object' || at === null || last === '__proto__') return false;
  (at as Record<string, unknown>)[last] = value;
  return true;
}
