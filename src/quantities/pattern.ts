import {RE2JS} from 're2js';

/**
 * A regular expression whose time grows with the length of the text alone, whatever the text: for every text from
 * outside.
 */
export interface Pattern {
  test(text: string): boolean;
  /** The first match, with its groups; null where there is none. */
  exec(text: string): readonly [string, ...(string | undefined)[]] | null;
  /** Every match replaced; `$1`, `$&` and their like as in JavaScript. */
  replaceAll(text: string, by: string): string;
  /** Every match, one search after the other. */
  matchAll(text: string): Iterable<unknown>;
  /** How many groups it has. */
  readonly groups: number;
  /** Parts of the machine: a search takes at most about this many steps for each character. */
  readonly size: number;
}

export interface PatternOptions {
  /** `^` and `$` stand for the ends of each line. */
  readonly lines?: boolean;
  /** `.` stands for a line break too. */
  readonly dotAll?: boolean;
  /** The whole text has to fit. */
  readonly whole?: boolean;
}

/**
 * More parts than this make every character too dear. A repetition such as `{1,100}` counts as many parts as it may
 * repeat.
 */
const LARGEST = 500;

const AROUND = /\(\?<?[=!]/;
const BACK = /(?<!\\)(?:\\\\)*\\(?:[1-9]|k<)/;

/** The words of RE2 (the syntax of Go), from those of JavaScript: `\u{1F600}` becomes `\x{1F600}`. */
export function linearSyntax(source: string): string {
  return RE2JS.translateRegExp(source);
}

/** Compiles a checked pattern. @throws Error where `patternProblem` has something to say. */
export function compilePattern(
  source: string,
  {lines = false, dotAll = false, whole = false}: PatternOptions = {},
): Pattern {
  const flags = (lines ? RE2JS.MULTILINE : 0) | (dotAll ? RE2JS.DOTALL : 0);
  const re = RE2JS.compile(linearSyntax(source), flags);
  // A line that ends with CR LF ends before the CR, as in JavaScript, unless the pattern speaks of it.
  const read = (text: string) => (lines && !source.includes('\\r') ? text.replaceAll('\r\n', '\n') : text);
  return {
    test: text => (whole ? re.testExact(read(text)) : re.test(read(text))),
    exec: text => re.exec(read(text)) as ReturnType<Pattern['exec']>,
    replaceAll: (text, by) => re.matcher(text).replaceAll(by),
    matchAll: text => re.matchAll(text),
    groups: re.groupCount(),
    size: re.programSize(),
  };
}

/** What is wrong with a pattern and what to do; undefined when it can be used. */
export function patternProblem(source: string): {readonly why: string; readonly hint?: string} | undefined {
  const hint =
    'A pattern has to end in time on any text (RE2 syntax). Say what fits instead of what may not stand beside it, or use two patterns or checks.';
  if (BACK.test(source)) return {why: 'back-references such as `\\1` are not possible', hint};
  let size: number;
  try {
    ({size} = compilePattern(source));
  } catch (error) {
    if (AROUND.test(source)) return {why: 'look-around such as `(?=…)` or `(?<!…)` is not possible', hint};
    const said = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    return {why: said};
  }
  if (size <= LARGEST) return undefined;
  return {
    why: `it has ${size} parts, at most ${LARGEST} are possible`,
    hint: 'A repetition such as `{1,100}` counts once for each time; `*` or `+` counts once.',
  };
}
