/** What stands where the lines of a pattern differ. */
export const ANYTHING = '<*>';

/** So many words of a line are compared, each of them so far. */
const MOST_WORDS = 80;
const LONGEST_WORD = 80;
/** Words that lead through the tree, after the number of words: lines that differ in them are never of one pattern. */
const LEADING = 2;
/** Children of one node: more different words than these are told apart further below only. */
const MOST_CHILDREN = 100;
/** From this share of equal words on a line is of a pattern. */
const SIMILAR = 0.5;

const IDS =
  /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b|\b0x[\da-f]+\b|\b(?=[a-f]*\d)[\da-f]{8,}\b|\d+(?:[.,:]\d+)*(?!xx\b)/gi;
/** A status is no number like others: 503 is another event than 200. */
const STATUS = /(\bHTTP\/\d(?:\.\d)?"? |\bstatus(?:_?code)?["']?[=:]\s?["']?)([1-5])\d\d\b/gi;
const STATUS_CLASS = /\b([1-5])xx\b/;

/** A form that lines have in common, and the lines that had it. */
export interface Pattern {
  /** Its words, with `ANYTHING` where its lines differ. */
  words: readonly string[];
  /** Lines of it. */
  count: number;
}

/** The words of a line, with what changes from line to line (numbers, addresses, ids) left open. */
export function wordsOf(text: string): readonly string[] {
  const masked = text.replace(STATUS, '$1$2xx').replace(IDS, ANYTHING);
  return masked
    .split(/\s+/, MOST_WORDS)
    .filter(word => word !== '')
    .map(word => word.slice(0, LONGEST_WORD));
}

/**
 * Patterns of lines, found while the lines come, after Drain (P. He, J. Zhu, Z. Zheng, M. R. Lyu: "Drain: An Online Log
 * Parsing Approach with Fixed Depth Tree", ICWS 2017): a line is led by its kind, its number of words and its first
 * words to a few patterns, and belongs to the most similar of them, or begins one of its own. In bounded memory: the
 * pattern that has not been seen for longest is forgotten. What `kind` says (whether it is an error) and the class of
 * an HTTP status are part of the way, so that lines which differ in them are never taken for the same.
 */
export class PatternTree<P extends Pattern> {
  /** Patterns by the way to them. */
  private readonly leaves = new Map<string, P[]>();
  private readonly children = new Map<string, Set<string>>();
  /** The way to each pattern, the one that was seen last at the end. */
  private readonly ways = new Map<P, readonly string[]>();
  private dropped = 0;

  constructor(
    private readonly make: (words: readonly string[]) => P,
    private readonly mostPatterns = 1000,
  ) {}

  get size(): number {
    return this.ways.size;
  }

  /** How many patterns were forgotten. */
  get forgotten(): number {
    return this.dropped;
  }

  patterns(): Iterable<P> {
    return this.ways.keys();
  }

  /** The pattern that a line is of; the line is counted. */
  learn(text: string, kind: string): P {
    const words = wordsOf(text);
    const way = this.wayOf(words, kind);
    const leaf = this.leaves.get(way.at(-1) ?? '') ?? [];
    const found = mostSimilar(leaf, words);
    const pattern = found ?? this.add(words, way);
    if (found !== undefined) {
      found.words = merged(found.words, words);
      this.ways.delete(found);
      this.ways.set(found, way);
    }
    pattern.count++;
    return pattern;
  }

  private wayOf(words: readonly string[], kind: string): readonly string[] {
    const status = STATUS_CLASS.exec(words.join(' '))?.[1] ?? '';
    let at = `${kind}/${status}/${words.length}`;
    const way = [at];
    for (const word of words.slice(0, LEADING)) {
      at = `${at}/${this.childOf(at, word)}`;
      way.push(at);
    }
    return way;
  }

  private childOf(node: string, word: string): string {
    const known = this.children.get(node);
    if (word.includes(ANYTHING)) return ANYTHING;
    return known === undefined || known.has(word) || known.size < MOST_CHILDREN ? word : ANYTHING;
  }

  private add(words: readonly string[], way: readonly string[]): P {
    if (this.ways.size >= this.mostPatterns) this.forgetOldest();
    const pattern = this.make(words);
    this.ways.set(pattern, way);
    const end = way.at(-1) ?? '';
    this.leaves.set(end, [...(this.leaves.get(end) ?? []), pattern]);
    way.slice(1).forEach((child, i) => {
      const node = way[i] ?? '';
      const known = this.children.get(node) ?? new Set();
      known.add(child.slice(node.length + 1));
      this.children.set(node, known);
    });
    return pattern;
  }

  private forgetOldest(): void {
    const [oldest] = this.ways;
    if (oldest === undefined) return;
    const [pattern, way] = oldest;
    this.ways.delete(pattern);
    this.dropped++;
    const end = way.at(-1) ?? '';
    const left = (this.leaves.get(end) ?? []).filter(other => other !== pattern);
    if (left.length > 0) this.leaves.set(end, left);
    else {
      this.leaves.delete(end);
      this.prune(way);
    }
  }

  /** Takes the nodes away that lead to nothing any more, from the leaf upwards. */
  private prune(way: readonly string[]): void {
    for (let depth = way.length - 1; depth > 0; depth--) {
      const [child = '', node = ''] = [way[depth], way[depth - 1]];
      if (this.children.has(child)) return;
      const known = this.children.get(node);
      known?.delete(child.slice(node.length + 1));
      if (known?.size === 0) this.children.delete(node);
    }
  }
}

function mostSimilar<P extends Pattern>(leaf: readonly P[], words: readonly string[]): P | undefined {
  let best: P | undefined;
  let most = 0;
  for (const pattern of leaf) {
    const share = similarity(pattern.words, words);
    if (share > most) [best, most] = [pattern, share];
  }
  return most >= SIMILAR ? best : undefined;
}

/** The share of words that are equal, one by one. */
function similarity(pattern: readonly string[], words: readonly string[]): number {
  if (words.length === 0) return 1;
  return pattern.filter((word, i) => word === words[i]).length / words.length;
}

function merged(pattern: readonly string[], words: readonly string[]): readonly string[] {
  return pattern.every((word, i) => word === words[i])
    ? pattern
    : pattern.map((word, i) => (word === words[i] ? word : ANYTHING));
}
