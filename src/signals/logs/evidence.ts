import type {ReadEvent} from './followed.js';
import {PatternTree, type Pattern} from './patterns.js';
import type {LogEvidence, NewPattern} from './spec.js';

/** So many new patterns of a log are told, those of errors first, then those with most lines. */
const MOST_TOLD = 50;
/** Of a line that is told as an example. */
const LONGEST_EXAMPLE = 600;
/** Clocks that differ by less are not worth telling: lines take their time. */
const SKEW_MS = 2_000;

/** A pattern, and what its lines were. */
interface SeenPattern extends Pattern {
  readonly isError: boolean;
  /** Lines before anything was injected. */
  before: number;
  /** The first line since. */
  first?: {readonly atUs: number; readonly example: string};
  lastUs: number;
}

/** Finds the forms of a log's lines, and which of them are new since something was injected. */
export class PatternEvidence {
  private readonly tree: PatternTree<SeenPattern>;
  private kind = false;
  /** The least time between what a line says of when it was written and when it came, ms. */
  private leastMs = Infinity;

  constructor(
    /** When something was first injected, mono µs; undefined while nothing is. */
    private readonly injectedUs: () => number | undefined,
    private readonly onNew: (pattern: Omit<NewPattern, 'count' | 'lastUs'>) => void,
    mostPatterns?: number,
  ) {
    const make = (words: readonly string[]): SeenPattern => ({
      words,
      count: 0,
      isError: this.kind,
      before: 0,
      lastUs: 0,
    });
    this.tree = new PatternTree(make, mostPatterns);
  }

  /** `wallMs`: when the event came, ms since 1970. */
  take(event: ReadEvent, wallMs: number): void {
    if (event.writtenMs !== undefined) this.leastMs = Math.min(this.leastMs, wallMs - event.writtenMs);
    this.kind = event.isError;
    const pattern = this.tree.learn(event.message, event.isError ? 'error' : 'other');
    const injectedUs = this.injectedUs();
    if (injectedUs === undefined || event.atUs < injectedUs) {
      pattern.before++;
      return;
    }
    pattern.lastUs = event.atUs;
    if (pattern.first !== undefined) return;
    pattern.first = {atUs: event.atUs, example: event.text.slice(0, LONGEST_EXAMPLE)};
    const told = newPattern(pattern);
    if (told === undefined) return;
    const {template, example, isError, firstUs} = told;
    this.onNew({template, example, isError, firstUs});
  }

  summary(): Pick<LogEvidence, 'patterns' | 'forgotten' | 'skewMs' | 'fresh' | 'freshPatterns'> {
    const fresh = [...this.tree.patterns()].flatMap(pattern => newPattern(pattern) ?? []);
    const first = fresh.sort(
      (a, b) => Number(b.isError) - Number(a.isError) || b.count - a.count || a.firstUs - b.firstUs,
    );
    const isSkewed = Number.isFinite(this.leastMs) && Math.abs(this.leastMs) >= SKEW_MS;
    return {
      patterns: this.tree.size,
      forgotten: this.tree.forgotten,
      ...(isSkewed ? {skewMs: Math.round(this.leastMs)} : {}),
      freshPatterns: fresh.length,
      fresh: first.slice(0, MOST_TOLD),
    };
  }
}

function newPattern({words, count, isError, before, first, lastUs}: SeenPattern): NewPattern | undefined {
  if (before > 0 || first === undefined) return undefined;
  return {template: words.join(' '), example: first.example, isError, count, firstUs: first.atUs, lastUs};
}
