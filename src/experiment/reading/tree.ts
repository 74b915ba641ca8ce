import {closest, listOf} from '../suggest.js';
import type {Path, Problem} from '../problem.js';
import {problemAt, type TextRange, type Remark, type Source} from './source.js';

/** Where a value of the document comes from. */
export interface SourcePlace {
  readonly source: Source;
  /** Undefined for list items and for the document itself. */
  readonly key?: TextRange;
  readonly value: TextRange;
  /** An unquoted scalar. */
  readonly plain: boolean;
}

/** A document as plain data, with the place of every value in it. */
export interface Tree {
  readonly value: unknown;
  readonly places: ReadonlyMap<string, SourcePlace>;
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

/** What an unquoted text of a file is: a number or a truth value where it reads as one. */
export function scalar(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** The place of the nearest part of the path that exists. */
export function nearestPlace(
  tree: Tree,
  path: Path,
): {readonly place: SourcePlace | undefined; readonly exact: boolean} {
  for (let length = path.length; length >= 0; length--) {
    const place = tree.places.get(pathKey(path.slice(0, length)));
    if (place !== undefined) return {place, exact: length === path.length};
  }
  return {place: undefined, exact: false};
}

/** Collects problems about a tree, and turns paths into places. */
export interface ProblemReport {
  /** `at: 'key'` points at the key, otherwise at the value. What is missing is shown where it should have been. */
  add(remark: Remark & {readonly at?: 'key' | 'value'}): void;
  /** Whether something was reported at this path or below it, or a misspelt key explains that it is not there. */
  has(path: Path): boolean;
  /** What is missing here was meant by a key that is reported already. */
  excuse(path: Path): void;
  /** Whether the file has nothing but one `${var:…}` or `${env:…}` here, in quotes or not. */
  isReference(path: Path): boolean;
  /** Whether the file has a text without quotes here. */
  isPlain(path: Path): boolean;
  /** The file in which this path, or what it belongs to, is written. */
  file(path: Path): string;
  /**
   * The nearest mapping of the file that knows the key at the end of this path, where it knows no such key; undefined
   * when there is none.
   */
  home(path: Path): Path | undefined;
}

/** Which keys a mapping of a file knows, by its path. */
export type KeysAt = (path: Path) => readonly string[];

/** `keysAt` is for telling where a key belongs that stands in another place. */
export function reportOn(tree: Tree, problems: Problem[], keysAt: KeysAt = () => []): ProblemReport {
  const excused = new Set<string>();
  return {
    isReference: path => /^\$\{(?:var|env):[^{}]*\}$/.test(String(valueAt(tree.value, path))),
    isPlain: path => tree.places.get(pathKey(path))?.plain === true,
    file: path => nearestPlace(tree, path).place?.source.file ?? '',
    home: path => homeOf(path, tree, keysAt),
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

/** Outwards from where the key stands: what is around it, then what else is in the same entry. */
function homeOf(path: Path, tree: Tree, keysAt: KeysAt): Path | undefined {
  const key = String(path.at(-1));
  for (let length = path.length - 1; length >= 0; length--) {
    const here = path.slice(0, length);
    const keys = keysAt(here);
    if (length < path.length - 1 && keys.includes(key)) return here;
    const present = valueAt(tree.value, here);
    const below = keys.filter(child => path.length === 1 || (isMapping(present) && Object.hasOwn(present, child)));
    const inside = below.find(child => child !== path[length] && keysAt([...here, child]).includes(key));
    if (inside !== undefined && (length > 0 || path.length === 1)) return [...here, inside];
  }
  return undefined;
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

/** A name of a list that must not stand twice in it; reports it where it does, and remembers it in `seen`. */
export function checkOnce(report: ProblemReport, path: Path, name: string, seen: Set<string>): void {
  if (seen.has(name))
    report.add({path, code: 'DUPLICATE_NAME', message: `expected each name once; got \`${name}\` again`});
  seen.add(name);
}

/** A reference to something that must have one of the known names; reports it when it has not. */
export function checkName(
  report: ProblemReport,
  path: Path,
  name: string,
  names: {readonly what: string; readonly known: readonly string[]; readonly section?: string},
): boolean {
  if (names.known.includes(name)) return true;
  // The section could not be read, which is told there.
  if (names.section !== undefined && names.known.length === 0 && report.has([names.section])) return false;
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
