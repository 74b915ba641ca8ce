import {isAlias, isMap, isScalar, isSeq, parseDocument, Scalar, type Alias, type Document, type Node} from 'yaml';
import type {Path, Problem} from '../problem.js';
import {masked, unmasked} from './masked.js';
import {problemAt, unreadable, type TextRange, type Remark, type Source} from './source.js';
import {syntaxProblems} from './syntax.js';
import {pathKey, type SourcePlace, type Tree} from './tree.js';

/** Bounds that no honest experiment comes near; they stop bombs of aliases and of brackets. */
const MAX_VALUES = 20_000;
const MAX_DEPTH = 60;
const MAX_LINES = 20_000;

const EMPTY = ['expected a file with something in it; got an empty one', 'start from one of experiments/'] as const;

/**
 * Reads one YAML (or JSON) document as plain data with places. Problems go to `problems`; undefined when it cannot be
 * used.
 */
export function readYaml(source: Source, problems: Problem[]): Tree | undefined {
  if (source.text.trim() === '') {
    problems.push(unreadable(source.file, ...EMPTY));
    return undefined;
  }
  const tooComplex = complexity(source);
  if (tooComplex !== undefined) {
    problems.push(tooComplex);
    return undefined;
  }
  const document = parse(source, problems);
  if (document === undefined) return undefined;
  if (document.contents === null) {
    problems.push(unreadable(source.file, ...EMPTY));
    return undefined;
  }
  const before = problems.length;
  const reader = new NodeReader(source, problems);
  const value = reader.read(document.contents, [], undefined);
  // With a key given twice the rest can still be checked; after anything else it would only show what follows from it.
  const usable = problems.slice(before).every(problem => problem.code === 'DUPLICATE_KEY');
  return usable ? {value, places: reader.places} : undefined;
}

/**
 * Refuses what would keep the parser busy for long, before it is parsed: the parser recurses on brackets and is not
 * quick.
 */
function complexity(source: Source): Problem | undefined {
  const refuse = (at: number, message: string) =>
    problemAt(source, [at, at + 1], {path: [], code: 'TOO_COMPLEX', message});
  if (source.lineStarts.length > MAX_LINES) {
    return refuse(
      source.lineStarts[MAX_LINES] ?? 0,
      `expected at most ${MAX_LINES} lines; got ${source.lineStarts.length}`,
    );
  }
  const tooDeep = bracketDepth(source.text);
  if (tooDeep !== undefined) return refuse(tooDeep, `expected at most ${MAX_DEPTH} levels of nesting`);
  let count = 0;
  for (const {index} of source.text.matchAll(/[-:?,!&*](?=\s|$)|!/g)) {
    count++;
    if (count > MAX_VALUES) return refuse(index, `expected at most ${MAX_VALUES} values`);
  }
  return undefined;
}

/**
 * Counts open brackets (those in texts too: the bound is far above any file); undefined when all is well, else where it
 * got too deep.
 */
function bracketDepth(text: string): number | undefined {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5b || c === 0x7b) depth++;
    else if (c === 0x5d || c === 0x7d) depth = Math.max(0, depth - 1);
    if (depth > 4 * MAX_DEPTH) return i;
  }
  return undefined;
}

function parse(source: Source, problems: Problem[]): Document.Parsed | undefined {
  let document: Document.Parsed;
  try {
    // Duplicate keys are found by the reader below: the parser's own check takes quadratic time.
    document = parseDocument(masked(source.text), {
      prettyErrors: false,
      uniqueKeys: false,
      merge: false,
      logLevel: 'error',
    });
  } catch {
    problems.push(unreadable(source.file, 'expected a file that can be read; it is nested too deeply'));
    return undefined;
  }
  const faults = [...document.errors, ...document.warnings];
  problems.push(...syntaxProblems(faults, source));
  if (document.directives.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    const message = `expected YAML 1.2; got a \`%YAML ${document.directives.yaml.version}\` directive`;
    problems.push(
      problemAt(source, [0, 1], {path: [], code: 'UNSUPPORTED_YAML', message, hint: 'remove the directive'}),
    );
    return undefined;
  }
  return faults.length > 0 ? undefined : document;
}

/** Walks the parsed nodes once, within bounds, and notes the place of each value. */
class NodeReader {
  readonly places = new Map<string, SourcePlace>();
  /** In the order of the document: an alias means the last anchor of its name above it. */
  private readonly anchors = new Map<string, Node>();
  private count = 0;

  constructor(
    private readonly source: Source,
    private readonly problems: Problem[],
  ) {}

  read(node: unknown, path: Path, key: TextRange | undefined): unknown {
    const at = rangeOf(node) ?? key ?? [0, 1];
    if (this.tooMuch(at, path)) return undefined;
    if (isAlias(node)) return this.readAlias(node, {at, path, key});
    this.noteAnchor(node);
    const plain = isScalar(node) && node.type === Scalar.PLAIN;
    this.places.set(pathKey(path), {source: this.source, value: at, plain, ...(key === undefined ? {} : {key})});
    if (isMap(node)) return this.readMapping(node.items, path);
    if (isSeq(node)) return node.items.map((item, i) => this.read(item, [...path, i], undefined));
    if (!isScalar(node)) return null;
    if (typeof node.value === 'number' && !Number.isFinite(node.value)) {
      this.problem(at, {path, code: 'WRONG_VALUE', message: `expected a finite number; got \`${node.value}\``});
    }
    return typeof node.value === 'string' ? unmasked(node.value) : node.value;
  }

  private noteAnchor(node: unknown): void {
    const anchor = (node as {readonly anchor?: string} | null)?.anchor;
    if (anchor !== undefined) this.anchors.set(anchor, node as Node);
  }

  private readAlias(alias: Alias, {at, path, key}: {at: TextRange; path: Path; key: TextRange | undefined}): unknown {
    const target = this.anchors.get(alias.source);
    if (target !== undefined) return this.read(target, path, key);
    const message = `expected an anchor \`&${alias.source}\` above; there is none`;
    this.problem(at, {path, code: 'SYNTAX', message, hint: 'put a text that starts with `*` in quotes'});
    return null;
  }

  private readMapping(items: readonly {key: unknown; value: unknown}[], path: Path): Record<string, unknown> {
    const mapping: Record<string, unknown> = {};
    const seen = new Map<string, TextRange>();
    for (const {key, value} of items) {
      const range = rangeOf(key) ?? rangeOf(value) ?? [0, 1];
      const name = this.keyName(key, range, path);
      if (name === undefined) continue;
      const first = seen.get(name);
      if (first === undefined) {
        seen.set(name, range);
        mapping[name] = this.read(value, [...path, name], range);
      } else {
        const {line} = problemAt(this.source, first, {path, code: 'DUPLICATE_KEY', message: ''});
        const message = `expected each key once; got \`${name}\` again (first on line ${line})`;
        this.problem(range, {path: [...path, name], code: 'DUPLICATE_KEY', message});
      }
    }
    return mapping;
  }

  private keyName(key: unknown, range: TextRange, path: Path): string | undefined {
    const name = isScalar(key) && typeof key.value === 'string' ? unmasked(key.value) : undefined;
    const unsupported = {path, code: 'UNSUPPORTED_YAML'} as const;
    if (name === undefined) {
      const came = isScalar(key) ? `\`${String(key.value)}\`` : 'something else';
      const nothing = isScalar(key) && key.value === null;
      const hint = nothing
        ? 'take the `:` away, or put what is left of it in quotes'
        : 'put it in quotes; a variable is written `${var:name}`';
      this.problem(range, {...unsupported, message: `expected a text as key; got ${came}`, hint});
      return undefined;
    }
    if (name === '<<' && isScalar(key) && key.type === Scalar.PLAIN) {
      const hint = 'write the keys out, or share whole parts by `include`';
      this.problem(range, {
        ...unsupported,
        message: 'expected a key; got a merge key `<<`, which is not supported',
        hint,
      });
      return undefined;
    }
    if (name === '__proto__') {
      this.problem(range, {path, code: 'UNKNOWN_KEY', message: 'expected another key; got `__proto__`'});
      return undefined;
    }
    return name;
  }

  /** Reports only the first time, so that a bomb is one problem. */
  private tooMuch(at: TextRange, path: Path): boolean {
    this.count++;
    const depth = path.length > MAX_DEPTH;
    if (!depth && this.count <= MAX_VALUES) return false;
    if (depth || this.count === MAX_VALUES + 1) {
      const message = depth
        ? `expected at most ${MAX_DEPTH} levels of nesting`
        : `expected at most ${MAX_VALUES} values (aliases counted where they are used)`;
      this.problem(at, {path: [], code: 'TOO_COMPLEX', message});
      this.count = MAX_VALUES + 2;
    }
    return true;
  }

  private problem(range: TextRange, remark: Remark): void {
    if (this.problems.length < 200) this.problems.push(problemAt(this.source, range, remark));
  }
}

function rangeOf(node: unknown): TextRange | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range === null || range === undefined ? undefined : [range[0], range[1]];
}
