import * as z from 'zod';
import {showValue} from '../../quantities/schema.js';
import type {Path} from '../problem.js';
import {isMapping, scalar, valueAt, type ProblemReport} from '../reading/tree.js';
import {listOf} from '../suggest.js';
import {asList, asMapping} from './hints.js';
import {flatIssues, reportIssues, unknownKey} from './issues.js';

/** So many unknown keys of one mapping are reported. */
const MAX_UNKNOWN = 50;

export type Fields = Readonly<Record<string, z.ZodType>>;

/** What could be read of an entry; a field that was wrong is undefined and has been reported. */
export type Read<F extends Fields> = {readonly [K in keyof F]?: z.output<F[K]> | undefined};

/** A part of the document that is being checked. */
export interface DocumentPart {
  readonly report: ProblemReport;
  readonly path: Path;
  readonly value: unknown;
}

/** One schema over one value: its output, or undefined after its problems were reported. */
export function readValue<S extends z.ZodType>(
  schema: S,
  part: DocumentPart,
): {readonly value: z.output<S>} | undefined {
  const result = schema.safeParse(part.value);
  if (result.success) return {value: result.data};
  const value = withNumbers(result.error.issues, part);
  const again = value === part.value ? result : schema.safeParse(value);
  if (again.success) return {value: again.data};
  reportIssues(again.error.issues, {...part, value, schema});
  return undefined;
}

/**
 * The value with a number (or truth value) where a reference in quotes, and nothing else, stands for one and a text was
 * refused.
 */
function withNumbers(issues: readonly z.core.$ZodIssue[], {report, path, value}: DocumentPart): unknown {
  let typed = value;
  for (const issue of flatIssues(issues, value)) {
    const at = issue.path as Path;
    const text = valueAt(value, at);
    if (typeof text === 'string' && report.isReference([...path, ...at])) typed = replaced(typed, at, scalar(text));
  }
  return typed;
}

function replaced(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined) return by;
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === first ? replaced(item, rest, by) : item));
  return isMapping(value) ? {...value, [first]: replaced(value[String(first)], rest, by)} : value;
}

/** The value as a mapping, or undefined after it was reported. */
export function mappingOf(
  {report, path, value}: DocumentPart,
  keys: readonly string[] = [],
): Readonly<Record<string, unknown>> | undefined {
  if (isMapping(value)) return value;
  const hint = asMapping(value, keys);
  report.add({path, code: 'WRONG_TYPE', message: `expected a mapping; got ${showValue(value)}`, hint});
  return undefined;
}

/** The value as a list; nothing at all is an empty one. */
export function listAt({report, path, value}: DocumentPart): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value as readonly unknown[];
  report.add({path, code: 'WRONG_TYPE', message: `expected a list; got ${showValue(value)}`, hint: asList(value)});
  return [];
}

/**
 * Reads a mapping field by field, so that one wrong field does not hide what the others say. Keys that are neither
 * fields nor in `also` are reported.
 */
export function readFields<F extends Fields>(fields: F, part: DocumentPart, also: readonly string[] = []): Read<F> {
  const known = [...Object.keys(fields), ...also];
  const mapping = mappingOf(part, known);
  if (mapping === undefined) return {};
  const unknown = Object.keys(mapping).filter(key => !known.includes(key));
  for (const key of unknown.slice(0, MAX_UNKNOWN)) unknownKey(part.report, [...part.path, key], known);
  const read: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(fields)) {
    const value = Object.hasOwn(mapping, key) ? mapping[key] : undefined;
    if (value === undefined && part.report.has([...part.path, key])) continue;
    // Through an object schema, so that a missing field is told from a wrong one.
    const whole = z.object({[key]: schema});
    const given = value === undefined ? {} : {[key]: value};
    read[key] = readValue(whole, {report: part.report, path: part.path, value: given})?.value[key];
  }
  return read as Read<F>;
}

/** What an entry may be: one key says which (`pause`, `docker`, `prometheus`). */
export interface Kinds {
  /** "fault", for messages. */
  readonly what: string;
  readonly known: readonly string[];
  /** Known by name, refused with what to use meanwhile. */
  readonly later: Readonly<Record<string, string>>;
  /** Keys of the entry that are not kinds. */
  readonly fields: readonly string[];
}

/** The one kind that an entry names; undefined after none, several or an unknown one was reported. */
export function kindOf(kinds: Kinds, {report, path, value}: DocumentPart): string | undefined {
  if (!isMapping(value)) return undefined;
  const keys = Object.keys(value);
  const named = keys.filter(key => kinds.known.includes(key) || Object.hasOwn(kinds.later, key));
  const [first, second] = named;
  if (first === undefined) {
    // An unknown key is reported by itself: it is probably the misspelt kind.
    if (keys.every(key => kinds.fields.includes(key))) {
      const message = `expected what kind of ${kinds.what} it is; got none`;
      report.add({path, code: 'MISSING', message, hint: `give one of ${listOf(kinds.known)}`});
    }
    return undefined;
  }
  if (second !== undefined) {
    const message = `expected one kind of ${kinds.what}; got ${named.map(name => `\`${name}\``).join(' and ')}`;
    report.add({path: [...path, second], at: 'key', code: 'CONTRADICTION', message});
    return undefined;
  }
  const instead = kinds.known.includes(first) ? undefined : kinds.later[first];
  if (instead === undefined) return first;
  const message = `the ${kinds.what} \`${first}\`: not in this version yet`;
  report.add({path: [...path, first], at: 'key', code: 'NOT_BUILT_YET', message, hint: instead});
  return undefined;
}
