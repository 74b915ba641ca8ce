import type {DocumentPart} from '../checking/entry.js';
import type {Path} from '../problem.js';
import {isMapping, type ProblemReport} from '../reading/tree.js';
import {readValue} from '../checking/entry.js';
import {name} from '../schema/fields.js';

/** The named entries of a section, in the order of the file. Names that cannot be names are reported and left out. */
export function namedEntries(
  report: ProblemReport,
  path: Path,
  value: unknown,
): readonly (DocumentPart & {readonly name: string})[] {
  if (value === undefined) return [];
  if (!isMapping(value)) {
    const came = Array.isArray(value) ? 'a list' : value === null ? 'nothing' : 'a single value';
    const hint = Array.isArray(value)
      ? 'write `NAME:` instead of `- name: NAME`'
      : 'write `NAME: …` below it, one for each';
    report.add({
      path,
      code: 'WRONG_TYPE',
      message: `expected a mapping from names to what they name; got ${came}`,
      hint,
    });
    return [];
  }
  const schema = name();
  return Object.entries(value).flatMap(([key, entry]) => {
    const at = [...path, key];
    if (!schema.safeParse(key).success) {
      readValue(schema, {report, path: at, value: key});
      return [];
    }
    return [{name: key, report, path: at, value: entry}];
  });
}

/** The part at a key of this part. */
export function child(part: DocumentPart, ...keys: (string | number)[]): DocumentPart {
  let value = part.value;
  for (const key of keys) {
    value =
      isMapping(value) && Object.hasOwn(value, key)
        ? value[String(key)]
        : Array.isArray(value)
          ? (value[Number(key)] as unknown)
          : undefined;
  }
  return {report: part.report, path: [...part.path, ...keys], value};
}

/** Leaves undefined fields out, as the types of the house want it. */
export function given<T extends Readonly<Record<string, unknown>>>(
  fields: T,
): {[K in keyof T]?: Exclude<T[K], undefined>} {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
