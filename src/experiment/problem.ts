/** What can be wrong with a file. The meanings are printed in docs/errors.md (generated). */
export const PROBLEM_CODES = {
  UNREADABLE:
    'The file, or one that it names, cannot be read: missing, too large, not UTF-8, empty, or without a certificate.',
  SYNTAX: 'The file is not valid YAML or JSON.',
  UNSUPPORTED_YAML:
    'Valid YAML that experiment files do not use: merge keys, tags, several documents, other than text keys.',
  TOO_COMPLEX: 'Too many values, too deeply nested, or an alias that expands into too much.',
  DUPLICATE_KEY: 'A mapping has the same key twice.',
  DUPLICATE_NAME: 'Two things of one kind have the same name.',
  UNKNOWN_KEY: 'A key that does not exist here.',
  MISSING: 'Something required is not there.',
  WRONG_TYPE: 'A value of the wrong kind, for example a number where a text belongs.',
  WRONG_UNIT: 'A quantity without its unit, or with a unit of another kind.',
  WRONG_VALUE: 'A value that is not allowed here.',
  UNKNOWN_REFERENCE: 'A name that nothing in the file has: a target, load, metric, source, fault or variable.',
  NO_VALUE: 'A `${var:…}` or `${env:…}` reference that has no value.',
  BAD_REFERENCE: 'A `${…}` reference that is written wrongly or stands where it cannot be used.',
  CONTRADICTION: 'Two parts of the file that cannot both hold.',
  CYCLE: 'Faults that wait for each other, or metrics that are made of each other.',
  NOTHING_JUDGED: 'No metric would be judged, so the run could not have a verdict.',
  TOO_SHORT: 'A time in which what is measured could not be judged, whatever happens.',
  POINTLESS: 'A limit that can never be missed, never be met or never be reached, so that it decides nothing.',
  TOO_MANY: 'More injections than a person could look through before agreeing to them.',
  UNSUITABLE: 'The fault does not hit targets of this kind.',
  NOT_BUILT_YET: 'Known by name, but not in this version yet.',
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;

export type Path = readonly (string | number)[];

/** One thing that is wrong with a file. Lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters of the line it is about (at least 1). */
  readonly length: number;
  /** Where in the document: `['faults', 0, 'for']`. */
  readonly path: Path;
  readonly code: ProblemCode;
  /** What was expected and what came. */
  readonly message: string;
  /** What to do next. */
  readonly hint?: string;
  /** The whole line of the file, for the reader. */
  readonly sourceLine: string;
}

/** A document path as people write it: `faults[0].for`, `steadyState."checkout errors".tolerance`. */
export function formatPath(path: Path): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`;
      const text = /^[\w$-]+$/.test(part) ? part : JSON.stringify(part);
      return i === 0 ? text : `.${text}`;
    })
    .join('');
}
