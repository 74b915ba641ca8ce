import type * as z from 'zod';
import {showValue} from '../../quantities/schema.js';
import {PROBLEM_CODES, type Path, type ProblemCode} from '../problem.js';
import {pathKey, valueAt, type ProblemReport} from '../reading/tree.js';
import {closest, listOf} from '../suggest.js';
import {hintFor, hintForKey} from './hints.js';
import {knownKeys} from './known-keys.js';

type Issue = z.core.$ZodIssue;
type Union = z.core.$ZodIssueInvalidUnion;

/** Where a value that a schema refused stands, and how to name what is known there. */
export interface IssueContext {
  readonly report: ProblemReport;
  /** Path of the value that was given to the schema. */
  readonly path: Path;
  readonly value: unknown;
  readonly schema: z.ZodType;
}

/** Reports what a schema found, in our words and at the place in the file. */
export function reportIssues(issues: readonly Issue[], context: IssueContext): void {
  const flat = flatIssues(issues, context.value);
  const unknown = flat.filter(issue => issue.code === 'unrecognized_keys');
  for (const {path, keys} of unknown) {
    const known = knownKeys(context.schema, path as Path);
    for (const key of keys) unknownKey(context.report, [...context.path, ...(path as Path), key], known);
  }
  for (const issue of flat) {
    // A mapping that lacks something for which it has an unknown key has been told of that key.
    const explained =
      issue.code === 'custom' && unknown.some(other => pathKey(other.path as Path) === pathKey(issue.path as Path));
    if (issue.code !== 'unrecognized_keys' && !explained) reportOne(issue, context);
  }
}

/** What a schema found, each with its own path; of a union what the branch found that was obviously meant. */
export function flatIssues(issues: readonly Issue[], root: unknown): readonly Issue[] {
  return issues.flatMap(issue => unfold(issue, root));
}

/** Replaces a union's issue by those of the branch that was obviously meant. */
function unfold(issue: Issue, root: unknown): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const branches = issue.errors.filter(errors => errors.length > 0);
  const value = valueAt(root, issue.path as Path);
  const meant = branches.filter(errors => !errors.some(error => isAboutWhole(error)));
  const [first] = [...meant].sort((a, b) => a.length - b.length);
  if (first !== undefined) return first.flatMap(inner => unfold(prefixed(inner, issue), root));
  return [{...issue, message: unionMessage(issue, branches, value)}];
}

/** The branch is for another kind of value altogether. */
function isAboutWhole(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every(errors => errors.some(isAboutWhole));
  if (issue.code === 'custom') return issue.params?.['code'] === 'WRONG_UNIT';
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

/** What an issue says beside its message: its code and its hint. A union that allows a quantity says what that does. */
function paramsOf(issue: Issue): {readonly code?: unknown; readonly hint?: unknown} {
  if (issue.code === 'custom') return issue.params ?? {};
  const first = issue.code === 'invalid_union' ? issue.errors.find(errors => errors.length > 0)?.[0] : undefined;
  return first === undefined ? {} : paramsOf(first);
}

function prefixed(inner: Issue, outer: Union): Issue {
  return {...inner, path: [...outer.path, ...inner.path]};
}

/** A schema's own words win; else what the branches expected, joined. */
function unionMessage(issue: Union, branches: readonly (readonly Issue[])[], value: unknown): string {
  if (issue.message !== 'Invalid input') return issue.message;
  const texts = branches.flatMap(errors => errors.slice(0, 1).map(error => wanted(error)));
  return `expected ${[...new Set(texts)].join(' or ')}; got ${showValue(value)}`;
}

/** What an issue about a whole value expected, without what came. */
function wanted(issue: Issue): string {
  const own = /^expected (.*?); got /.exec(issue.message)?.[1];
  if (own !== undefined) return own;
  if (issue.code === 'invalid_type') return typeName(issue.expected);
  if (issue.code === 'invalid_value') return listOf(issue.values.map(String));
  return issue.message;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
};

function typeName(type: string): string {
  return TYPE_NAMES[type] ?? `a ${type}`;
}

function reportOne(issue: Issue, context: IssueContext): void {
  const {report} = context;
  const path = [...context.path, ...(issue.path as Path)];
  const value = valueAt(context.value, issue.path as Path);
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? 'expected another key';
    report.add({path, at: 'key', code: 'WRONG_VALUE', message});
    return;
  }
  const params = paramsOf(issue);
  const isAbsence = issue.code !== 'custom' || params.code === 'WRONG_UNIT';
  const missing = value === undefined && issue.path.length > 0 && isAbsence;
  if (missing) {
    if (report.has(path)) return;
    const key = String(issue.path[issue.path.length - 1]);
    report.add({path, code: 'MISSING', message: `expected \`${key}\`: ${wanted(issue)}; it is missing`});
    return;
  }
  const code = codeOf(issue, value, params.code);
  const hint =
    typeof params.hint === 'string'
      ? params.hint
      : hintFor(issue, value, () => knownKeys(context.schema, issue.path as Path));
  report.add({
    path,
    code,
    message: messageOf(issue, value),
    hint,
    ...(code === 'NOT_BUILT_YET' ? {at: 'key' as const} : {}),
  });
}

/**
 * Reports a key that does not exist, with what was probably meant; where that is a key from here, it is answered and
 * not missing.
 */
export function unknownKey(report: ProblemReport, path: Path, known: readonly string[]): void {
  const key = String(path[path.length - 1]);
  const hint = hintForKey(report, path, known);
  report.add({path, at: 'key', code: 'UNKNOWN_KEY', message: `expected a known key; got \`${key}\``, hint});
  const meant = closest(key.split(':', 1)[0] ?? key, known);
  if (meant !== undefined) report.excuse([...path.slice(0, -1), meant]);
}

function codeOf(issue: Issue, value: unknown, given: unknown): ProblemCode {
  if (typeof given === 'string' && Object.hasOwn(PROBLEM_CODES, given)) return given as ProblemCode;
  return issue.code === 'invalid_type' && value !== undefined ? 'WRONG_TYPE' : 'WRONG_VALUE';
}

function messageOf(issue: Issue, value: unknown): string {
  const came = showValue(value);
  if (/^expected /i.test(issue.message))
    return issue.message.includes('; got') ? issue.message : `${issue.message}; got ${came}`;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeName(issue.expected)}; got ${came}`;
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${listOf(issue.values.map(String))}; got ${came}`;
    case 'too_small':
      return `expected ${limit('at least', issue.minimum, issue.origin)}; got ${came}`;
    case 'too_big':
      return `expected ${limit('at most', issue.maximum, issue.origin)}; got ${came}`;
    case 'invalid_format':
      return `expected a text of the form ${issue.format === 'regex' ? `\`${issue.pattern ?? ''}\`` : issue.format}; got ${came}`;
    default:
      return issue.code === 'custom' ? issue.message : `${issue.message}; got ${came}`;
  }
}

function limit(words: string, amount: number | bigint, origin: string): string {
  if (origin === 'array') return `${words} ${amount.toString()} ${amount === 1 ? 'item' : 'items'}`;
  if (origin === 'string')
    return amount === 1 && words === 'at least'
      ? 'a text; got an empty one'
      : `${words} ${amount.toString()} characters`;
  return `${words} ${amount.toString()}`;
}
