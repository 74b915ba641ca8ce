import type {Path, Problem} from '../problem.js';
import {decode, problemAt, type Source} from './source.js';
import {isMapping, pathKey, type SourcePlace, type ProblemReport, type Tree} from './tree.js';
import {readYaml} from './yaml.js';

/**
 * A file that `include` names, as the caller read it; `why` when it could not. Paths are relative to the including
 * file.
 */
export type ReadInclude = (
  path: string,
) => {readonly file: string; readonly content: string | Uint8Array} | {readonly why: string; readonly hint?: string};

/** What may be shared. */
export const SHARED = ['variables', 'sources', 'targets', 'load', 'logs', 'steadyState', 'guards'] as const;

/**
 * Adds the parts of the included files to the tree. A name that exists already is a problem; so is anything in an
 * included file that cannot be shared. Problems inside an included file carry that file's name.
 */
export function withIncludes(
  tree: Tree,
  read: ReadInclude | undefined,
  found: {report: ProblemReport; problems: Problem[]},
): Tree {
  const names = isMapping(tree.value) ? tree.value['include'] : undefined;
  if (!isMapping(tree.value) || !Array.isArray(names)) return tree;
  const merged = new Merge(tree.value, tree.places, found.problems);
  const seen = new Set<string>();
  names.forEach((name: unknown, i) => {
    const path = ['include', i];
    if (typeof name !== 'string') return;
    const file: ReturnType<ReadInclude> = read?.(name) ?? {why: 'files cannot be included here'};
    if ('why' in file) {
      const message = `expected a file that can be read; \`${name}\`: ${file.why}`;
      found.report.add({path, code: 'UNREADABLE', message, hint: file.hint ?? 'the path is relative to this file'});
    } else if (seen.has(file.file)) {
      found.report.add({path, code: 'DUPLICATE_NAME', message: `expected each file once; got \`${name}\` again`});
    } else {
      seen.add(file.file);
      const source = decode(file.file, file.content);
      if ('code' in source) found.problems.push(source);
      else merged.add(source);
    }
  });
  return {value: merged.value, places: merged.places};
}

class Merge {
  readonly value: Record<string, unknown>;
  readonly places: Map<string, SourcePlace>;

  constructor(
    value: Readonly<Record<string, unknown>>,
    places: ReadonlyMap<string, SourcePlace>,
    private readonly problems: Problem[],
  ) {
    this.value = {...value};
    this.places = new Map(places);
  }

  add(source: Source): void {
    const tree = readYaml(source, this.problems);
    if (tree === undefined) return;
    if (!isMapping(tree.value)) {
      this.problem(tree, [], `expected a mapping with ${SHARED.map(key => `\`${key}\``).join(', ')}`);
      return;
    }
    const guards = this.value['guards'];
    this.adopt(tree, Array.isArray(guards) ? guards.length : 0);
    for (const [key, part] of Object.entries(tree.value)) {
      const shared = SHARED.find(name => name === key);
      if (shared === undefined)
        this.problem(
          tree,
          [key],
          `expected one of ${SHARED.map(name => `\`${name}\``).join(', ')} in an included file; got \`${key}\``,
        );
      else if (shared === 'guards') this.append(tree, shared, part);
      else this.join(tree, shared, part);
    }
  }

  private join(tree: Tree, section: string, part: unknown): void {
    const own = this.value[section] ?? {};
    if (!isMapping(part) || !isMapping(own)) {
      if (!isMapping(part)) this.problem(tree, [section], 'expected a mapping from names to what they name');
      return;
    }
    const joined: Record<string, unknown> = {...own};
    for (const [name, entry] of Object.entries(part)) {
      if (!Object.hasOwn(own, name)) {
        joined[name] = entry;
        continue;
      }
      const first = this.places.get(pathKey([section, name]));
      const where = first === undefined ? '' : ` (${first.source.file}:${this.lineOf(first)})`;
      const message = `expected each name once; \`${name}\` exists already${where}`;
      this.problem(tree, [section, name], message, 'DUPLICATE_NAME');
    }
    this.value[section] = joined;
  }

  private append(tree: Tree, section: string, part: unknown): void {
    const own = this.value[section] ?? [];
    if (!Array.isArray(part) || !Array.isArray(own)) {
      if (!Array.isArray(part)) this.problem(tree, [section], 'expected a list');
      return;
    }
    this.value[section] = [...(own as unknown[]), ...(part as unknown[])];
  }

  /** What is there already keeps its place; list items of the included file come after the own ones. */
  private adopt(tree: Tree, guardsBefore: number): void {
    for (const [key, place] of tree.places) {
      const path = JSON.parse(key) as Path;
      const [section, index, ...rest] = path;
      const shifted = section === 'guards' && typeof index === 'number';
      const to = shifted ? pathKey([section, index + guardsBefore, ...rest]) : key;
      if (!this.places.has(to)) this.places.set(to, place);
    }
  }

  private lineOf(place: SourcePlace): number {
    return problemAt(place.source, place.value, {path: [], code: 'DUPLICATE_NAME', message: ''}).line;
  }

  private problem(
    tree: Tree,
    path: Path,
    message: string,
    code: 'UNKNOWN_KEY' | 'DUPLICATE_NAME' = 'UNKNOWN_KEY',
  ): void {
    const place = tree.places.get(pathKey(path));
    if (place !== undefined)
      this.problems.push(problemAt(place.source, place.key ?? place.value, {path, code, message}));
  }
}
