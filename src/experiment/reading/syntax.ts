import type {YAMLError} from 'yaml';
import {position, problemAt, type TextRange, type Remark, type Source} from './source.js';
import {strangersIn} from './strangers.js';
import type {Problem} from '../problem.js';

const MAX_PROBLEMS = 10;

/** What the parser says once about one place; anything else after the first fault may only follow from it. */
const ON_ITS_OWN: readonly string[] = ['BAD_SCALAR_START', 'BAD_DQ_ESCAPE', 'TAG_RESOLVE_FAILED', 'MULTIPLE_DOCS'];

const HINT = 'look at the quotes, brackets and indentation of this line and of the one above';

/** What the parser found in our words, without what only follows from the first fault. */
export function syntaxProblems(faults: readonly YAMLError[], source: Source): readonly Problem[] {
  const [first] = faults;
  // After a tab the parser stumbles over every line that follows.
  const tabs = faults.filter(fault => fault.code === 'TAB_AS_INDENT');
  const told = tabs.length > 0 ? tabs : faults.filter(fault => fault === first || ON_ITS_OWN.includes(fault.code));
  const found = new Map<number, Problem>();
  for (const fault of told) {
    const {at = fault.pos, code = 'SYNTAX', message, hint} = describe(fault, source);
    const problem = problemAt(source, at, {path: [], code, message, hint: withStrangers(hint, fault, source)});
    if (!found.has(problem.line) && found.size < MAX_PROBLEMS) found.set(problem.line, problem);
  }
  return [...found.values()];
}

/** A character that only looks like an indentation, a dash or a colon is what the parser stumbled over. */
function withStrangers(hint: string | undefined, fault: YAMLError, source: Source): string | undefined {
  const {line} = position(source, fault.pos[0]);
  const suspects = [line - 1, line].map(number => {
    const text = lineText(source, number);
    return `${/^[\s\p{Cf}]*\S?/u.exec(text)?.[0] ?? ''}${/\uff1a/.exec(text)?.[0] ?? ''}`;
  });
  return strangersIn(suspects.join('')) ?? hint;
}

interface Described {
  /** Where it is shown, when that is not where the parser stopped. */
  readonly at?: TextRange;
  readonly code?: Remark['code'];
  readonly message: string;
  readonly hint?: string;
}

type Describe = (fault: YAMLError, source: Source) => Described | undefined;

const UNSUPPORTED = {code: 'UNSUPPORTED_YAML'} as const;

const BY_CODE: Readonly<Record<string, Describe>> = {
  TAB_AS_INDENT: () => ({message: 'expected spaces as indentation; got a tab', hint: 'replace tabs by spaces'}),
  MULTIPLE_DOCS: () => ({
    ...UNSUPPORTED,
    message: 'expected one document; got a second one after `---`',
    hint: 'put the second experiment into a file of its own',
  }),
  TAG_RESOLVE_FAILED: () => ({
    ...UNSUPPORTED,
    message: 'expected plain values; got a YAML tag',
    hint: 'remove the tag, or put a text that starts with `!` in quotes',
  }),
  BLOCK_AS_IMPLICIT_KEY: nestedValue,
  BAD_INDENT: (fault, source) => unclosed(fault, source) ?? otherColumn(fault, source),
  MISSING_CHAR: missing,
  MULTILINE_IMPLICIT_KEY: noKey,
  BAD_SCALAR_START: (fault, source) => fences(fault, source) ?? badStart(fault, source),
  BAD_DQ_ESCAPE: (fault, source) => ({
    message: `expected an escape that YAML knows between double quotes; got \`${source.text.slice(fault.pos[0], fault.pos[0] + 2)}\``,
    hint: 'write `\\\\` for a backslash, or put the text in single quotes',
  }),
  UNEXPECTED_TOKEN: (fault, source) =>
    fault.message.includes('at node end')
      ? {
          message: `expected the end of the value; got more: \`${short(restOfLine(source, fault.pos[0]))}\``,
          hint: 'put the whole text in quotes',
        }
      : undefined,
  BLOCK_IN_FLOW: (fault, source) => ({
    message: `expected \`,\` or the closing bracket; got \`${short(restOfLine(source, fault.pos[0]))}\``,
    hint: 'between brackets, entries are separated by `,`',
  }),
  BAD_ALIAS: () => ({
    message: 'expected a name after `*` or `&`; got none',
    hint: 'put a text that starts so in quotes',
  }),
};

function describe(fault: YAMLError, source: Source): Described {
  const described = BY_CODE[fault.code]?.(fault, source);
  if (described !== undefined) return described;
  const message = fault.message.replace(/ at line \d+, column \d+:?[\s\S]*$/, '');
  return {message: `expected valid YAML; the parser says: ${message}`, hint: HINT};
}

/** `title: Prices: survive`, or a line below a key that has its value already. */
function nestedValue({pos, message}: YAMLError, source: Source): Described | undefined {
  if (!message.startsWith('Nested mappings')) return undefined;
  const [from] = pos;
  const value = restOfLine(source, from);
  const colon = value.search(/:(?:\s|$)/);
  if (colon !== -1) {
    const quoted = value.includes('"') ? `'${value.replaceAll("'", "''")}'` : `"${value}"`;
    return {
      message: `expected one value; got a text with \`:\` and a space in it: \`${short(value)}\``,
      hint: value.length > 60 ? 'put it in quotes' : `put it in quotes: \`${quoted}\``,
    };
  }
  const {line} = position(source, from);
  const own = lineText(source, line);
  const key = /^\s*(?:- +)*([^:]*):/.exec(own)?.[1] ?? own.trim();
  const below = nextLine(source, line);
  return {
    at: below,
    message: `expected nothing below \`${short(own.trim().replace(/^- +/, ''))}\`, which has its value; got a line that is indented deeper`,
    hint: `move it to the column of \`${key}\`${own.trim().startsWith('- ') ? '' : '; an item of a list starts with `- `'}`,
  };
}

const CLOSING: Readonly<Record<string, string>> = {']': '[', '}': '{'};

/** A bracket that is still open where the parser gave up. */
function unclosed({pos, message}: YAMLError, source: Source): Described | undefined {
  const close = /^Flow .* end with a ([\]}])$/.exec(message)?.[1];
  if (close === undefined) return undefined;
  const open = CLOSING[close] ?? '';
  let from = pos[0] - 1;
  for (let depth = 0; from > 0; from--) {
    if (source.text[from] === close) depth++;
    else if (source.text[from] === open && depth-- === 0) break;
  }
  const {line} = position(source, pos[0]);
  return {
    at: [Math.max(0, from), Math.max(0, from) + 1],
    message: `expected a closing \`${close}\` before line ${line}; got none`,
    hint: `close it, or indent the lines between the brackets deeper`,
  };
}

function otherColumn({pos, message}: YAMLError, source: Source): Described | undefined {
  if (!message.startsWith('All ')) return undefined;
  const {line} = position(source, pos[0]);
  return {
    at: contentOf(source, line),
    message: 'expected this line in the column of the ones that it belongs to; got another indentation',
    hint: 'keys of one mapping, and items of one list, start in the same column',
  };
}

function missing(fault: YAMLError, source: Source): Described | undefined {
  const {message, pos} = fault;
  const quote = /^Missing closing (["'])quote/.exec(message)?.[1];
  if (quote !== undefined) {
    const from = source.text.lastIndexOf(quote, pos[0] - 1);
    return {
      at: [from, from + 1],
      message: `expected a closing \`${quote}\` for this one; got none`,
      hint: `a text that starts with \`${quote}\` ends with it`,
    };
  }
  if (message.startsWith('Flow ')) return unclosed(fault, source);
  if (message.startsWith('Sequence item without')) {
    const {line} = position(source, pos[0]);
    return {
      at: contentOf(source, line),
      message: 'expected an item of the list, which starts with `- `; got another line in its column',
      hint: 'what belongs to an item stands in the column of its first key',
    };
  }
  if (message.startsWith('Implicit map keys')) return noKey(fault, source);
  if (message.startsWith('Comments must')) return {message: 'expected a space before `#`; got none', hint: HINT};
  const between = /^Missing (,|, or :|space after :) /.exec(message)?.[1];
  if (between === undefined) return undefined;
  return between.startsWith('space')
    ? {message: 'expected a space after `:`; got none', hint: 'write `key: value`'}
    : {message: 'expected `,` between two entries; got none', hint: 'put a text with brackets in it in quotes'};
}

/** A line without a key: a colon or the space after it is missing. */
function noKey(fault: YAMLError, source: Source): Described {
  const text = restOfLine(source, fault.pos[0]);
  const [, key, value] = /^([^\s:]+):(\S.*)$/.exec(text) ?? [];
  const hint =
    key === undefined || value === undefined
      ? 'a key ends with `:` and a space'
      : `put a space after the colon: \`${short(`${key}: ${value}`)}\``;
  const [from] = fault.pos;
  const plain = {
    at: [from, from + text.length] as const,
    message: `expected \`key: value\`; got \`${short(text)}\``,
    hint,
  };
  return fences(fault, source) ?? plain;
}

function badStart({pos}: YAMLError, source: Source): Described {
  const start = source.text[pos[0]] ?? '';
  const shown = start === '`' ? 'a backquote' : `\`${start}\``;
  return {message: `expected a value; got one that starts with ${shown}`, hint: 'put the value in quotes'};
}

/** A file that was copied with the marks of a code block. */
function fences({pos}: YAMLError, source: Source): Described | undefined {
  if (!source.text.startsWith('```', pos[0])) return undefined;
  return {message: 'expected YAML; got a line of Markdown', hint: 'remove the lines that start with three backquotes'};
}

function lineText(source: Source, line: number): string {
  const from = source.lineStarts[line - 1];
  if (from === undefined) return '';
  return source.text.slice(from, source.lineStarts[line] ?? source.text.length).trimEnd();
}

/** Where the text of a line stands, without its indentation. */
function contentOf(source: Source, line: number): TextRange {
  const text = lineText(source, line);
  const from = (source.lineStarts[line - 1] ?? 0) + (text.length - text.trimStart().length);
  return [from, from + text.trimStart().length];
}

/** The next line that has something in it. */
function nextLine(source: Source, line: number): TextRange {
  let next = line + 1;
  while (next < source.lineStarts.length && /^\s*(?:#.*)?$/.test(lineText(source, next))) next++;
  return contentOf(source, next);
}

function restOfLine(source: Source, from: number): string {
  const {line, column} = position(source, from);
  return lineText(source, line).slice(column - 1);
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
