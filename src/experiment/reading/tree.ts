import {closest, listOf} from '../suggest.js';
import type {Path, Problem} from '../problem.js';
import {problemAt, type Range, type Remark, type Source} from './source.js';

/** Where a value of the document comes from. */
export interface Place {
  readonly source: Source;
  /** Undefined for list items and for the document itself. */
  readonly key?: Range;
  readonly value: Range;
  /** An unquoted scalar. */
  readonly plain: boolean;
}

/** A document as plain data, with the place of every value in it. */
export interface Tree {
  readonly value: unknown;
  readonly places: ReadonlyMap<string, Place>;
}

export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path; undefined when there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const part of path) {
    if (Array.isArray(here) && typeof part === 'number') here = (here as readonly unknown[])[part];
    else if (isMapping(here) && Object.hasOwn(here, part)) here = here[String(part)];
    else return undefined;
  }
  return here;
}

/** The place of the nearest part of the path that exists. */
export function nearestPlace(tree: Tree, path: Path): {readonly place: Place | undefined; readonly exact: boolean} {
  for (let length = path.length; length >= 0; length--) {
    const place = tree.places.get(pathKey(path.slice(0, length)));
    if (place !== undefined) return {place, exact: length === path.length};
  }
  return {place: undefined, exact: false};
}

/** Collects problems about a tree, and turns paths into places. */
export interface Report {
  /** `at: 'key'` points at the key, otherwise at the value. What is missing is shown where it should have been. */
  add(remark: Remark & {readonly at?: 'key' | 'value'}): void;
  /** Whether something was reported at this path or below it, or a misspelt key explains that it is not there. */
  has(path: Path): boolean;
  /** What is missing here was meant by a key that is reported already. */
  excuse(path: Path): void;
}

export function reportOn(tree: Tree, problems: Problem[]): Report {
  const excused = new Set<string>();
  return {
    add({at, ...remark}) {
      if (problems.length >= MAX_PROBLEMS || explained(problems, remark)) return;
      const {place, exact} = nearestPlace(tree, remark.path);
      if (place === undefined) return;
      // A missing key is shown at the key of the mapping that lacks it.
      const range = (at === 'key' || !exact) && place.key !== undefined ? place.key : place.value;
      problems.push(problemAt(place.source, range, remark));
    },
    excuse: path => void excused.add(pathKey(path)),
    has: path =>
      excused.has(pathKey(path)) || problems.some(problem => path.every((part, i) => problem.path[i] === part)),
  };
}

/** Nobody reads more, and a hostile file must not take long. */
const MAX_PROBLEMS = 200;

const UNRESOLVED: readonly string[] = ['BAD_REFERENCE', 'NO_VALUE', 'UNKNOWN_REFERENCE'];

/** A value whose reference could not be resolved is not judged any further. */
function explained(problems: readonly Problem[], {path, code}: Remark): boolean {
  if (UNRESOLVED.includes(code)) return false;
  const key = pathKey(path);
  return problems.some(problem => UNRESOLVED.includes(problem.code) && pathKey(problem.path) === key);
}

/** A reference to something that must have one of the known names; reports it when it has not. */
export function checkName(
  report: Report,
  path: Path,
  name: string,
  names: {readonly what: string; readonly known: readonly string[]},
): boolean {
  if (names.known.includes(name)) return true;
  const best = closest(name, names.known);
  const there = names.known.length === 0 ? 'the file has none' : `there is: ${listOf(names.known)}`;
  report.add({
    path,
    code: 'UNKNOWN_REFERENCE',
    message: `expected the name of ${names.what}; got \`${name}\``,
    hint: best === undefined ? there : `did you mean \`${best}\`?`,
  });
  return false;
}
