import type * as z from 'zod';
import {formatPath, type Path} from '../problem.js';
import {isMapping, scalar, type ProblemReport} from '../reading/tree.js';
import {closest, listOf} from '../suggest.js';

/**
 * What to do about a value that a schema refused; undefined when the message says it all. `keys`: those of the mapping
 * that belongs there.
 */
export function hintFor(issue: z.core.$ZodIssue, value: unknown, keys: () => readonly string[]): string | undefined {
  if (issue.code === 'invalid_value') return meantWord(value, issue.values);
  if (issue.code === 'invalid_union') return Array.isArray(value) && value.length === 1 ? WITHOUT_BRACKETS : undefined;
  if (issue.code !== 'invalid_type') return undefined;
  switch (issue.expected) {
    case 'array':
      return asList(value);
    case 'object':
    case 'record':
      return asMapping(value, keys());
    case 'string':
      return asText(value, issue.message);
    default:
      return typeof value === 'string' ? meantScalar(value, issue.expected) : undefined;
  }
}

const WITHOUT_BRACKETS = 'write it without `[ ]`';

function meantWord(value: unknown, words: readonly unknown[]): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (words.some(known => typeof known !== 'string' && String(known) === value)) return 'remove the quotes';
  const best = closest(value, words.map(String));
  return best === undefined ? undefined : `did you mean \`${best}\`?`;
}

/** What is in quotes and should not be, and the truth values of other versions of YAML. */
function meantScalar(text: string, expected: string): string | undefined {
  const read = scalar(text);
  if (typeof read === (expected === 'boolean' ? 'boolean' : 'number')) return 'remove the quotes';
  if (expected !== 'boolean' || !/^(?:yes|no|on|off)$/i.test(text)) return undefined;
  return `write \`${String(/^(?:yes|on)$/i.test(text))}\``;
}

function asText(value: unknown, message: string): string | undefined {
  if (Array.isArray(value)) return value.length === 1 ? WITHOUT_BRACKETS : undefined;
  if (value === null) return 'nothing is written here: a text that starts with `#` needs quotes';
  const isOfAKind = /^expected an? [a-z]+ such as /i.test(message);
  return typeof value === 'object' || isOfAKind ? undefined : 'put it in quotes';
}

/** How to make a list of what came instead of one. */
export function asList(value: unknown): string | undefined {
  if (isMapping(value)) return 'start each item of the list with `- `';
  if (value === null) return 'write `[]` for an empty list';
  return typeof value === 'string' && value.length <= 60 ? `write \`[${value}]\`` : undefined;
}

/** How to make a mapping of what came instead of one; `keys`: what it may have. */
export function asMapping(value: unknown, keys: readonly string[]): string | undefined {
  const [first] = keys;
  if (value === null || (first === undefined && value === true)) return 'write `{}` for an empty mapping';
  if (first === undefined) return Array.isArray(value) ? 'write `NAME: VALUE` instead of a list' : undefined;
  return `write \`{ KEY: … }\` with one or more of: ${listOf(keys.slice(0, 30))}`;
}

/** Where a key that is not known here belongs, or what was probably meant. */
export function hintForKey(report: ProblemReport, path: Path, known: readonly string[]): string | undefined {
  const key = String(path.at(-1));
  const best = closest(key, known);
  if (best === key) return 'it does not go together with the other keys here';
  const [, before, after] = /^([^:]+):(.*)$/.exec(key) ?? [];
  if (before !== undefined && known.includes(before))
    return `put a space after the colon: \`${before}: ${after ?? ''}\``;
  const home = report.home(path);
  if (home !== undefined) return belongs(home, path);
  if (best !== undefined) return `did you mean \`${best}\`?`;
  return known.length === 0 || known.length > 40 ? undefined : `known here: ${listOf(known)}`;
}

function belongs(home: Path, path: Path): string {
  if (home.length === 0) return 'it belongs at the top of the file, outside of everything';
  const block = path.at(-2);
  return home.length === path.length - 2 && home.every((part, i) => part === path[i])
    ? `it belongs one level up, beside \`${String(block)}\``
    : `it belongs in \`${formatPath(home)}\``;
}
