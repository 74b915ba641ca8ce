import {z} from 'zod';
import {DURATION_PATTERN, formatDuration, parseDuration} from './duration.js';
import {describeUnit} from './format.js';
import {patternProblem} from './pattern.js';
import {formatRate, parseRate, RATE_PATTERN} from './rate.js';
import {formatShare, parseShare, SHARE_PATTERN} from './share.js';
import {BANDWIDTH_PATTERN, formatBandwidth, formatSize, parseBandwidth, parseSize, SIZE_PATTERN} from './size.js';

// A file is read once: compiling a reader for it takes longer than reading it.
z.config({jitless: true});

/** Limits of a quantity, inclusive, in its normalised unit (ms, per second, 0 to 1, bytes). */
export interface Limits {
  readonly min?: number;
  readonly max?: number;
  /** Zero makes no sense here. */
  readonly positive?: boolean;
}

interface Quantity {
  /** "a duration such as `200ms`, `5s`, `2m`" */
  readonly what: string;
  readonly pattern: string;
  readonly examples: readonly string[];
  readonly parse: (text: string) => number | undefined;
  readonly format: (value: number) => string;
}

/** A text that would read as something else without them is shown with its quotes. */
function showText(text: string): string {
  const other = /^(?:true|false|null|~|-?\d+(?:\.\d+)?)?$/.test(text);
  return other ? JSON.stringify(text) : text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** What came, as it stands in the file: for "got `200`". */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `\`${showText(value)}\``;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return `\`${String(value)}\``;
  return 'a mapping';
}

/** A regular expression that ends in time on every text: see `compilePattern`. */
export function regularExpression(): z.ZodString {
  return z.string().superRefine((source, context) => {
    const problem = patternProblem(source);
    if (problem === undefined) return;
    const message = `expected a regular expression; got ${showValue(source)}: ${problem.why}`;
    context.addIssue({code: 'custom', message, params: {hint: problem.hint}});
  });
}

function quantity(kind: Quantity, limits: Limits): z.ZodType<number, string> {
  const wanted = (came: unknown) => `expected ${kind.what}; got ${showValue(came)}`;
  const limit = (value: number): string | undefined => {
    if (limits.positive === true && value <= 0) return 'more than zero';
    if (limits.min !== undefined && value < limits.min) return `at least ${kind.format(limits.min)}`;
    if (limits.max !== undefined && value > limits.max) return `at most ${kind.format(limits.max)}`;
    return undefined;
  };
  return z
    .string({error: issue => wanted(issue.input)})
    .meta({pattern: kind.pattern, examples: [...kind.examples]})
    .transform((text, context) => {
      const value = kind.parse(text);
      const broken = value === undefined ? undefined : limit(value);
      if (value !== undefined && broken === undefined) return value;
      const message = broken === undefined ? wanted(text) : `expected ${broken}; got \`${text}\``;
      context.issues.push({code: 'custom', message, input: text});
      return z.NEVER;
    });
}

/** Milliseconds from `200ms`, `5s`, `2m`, `1h`. */
export function duration(limits: Limits = {}): z.ZodType<number, string> {
  const examples = ['200ms', '5s', '2m'];
  return quantity(
    {what: describeUnit('ms'), pattern: DURATION_PATTERN, examples, parse: parseDuration, format: formatDuration},
    limits,
  );
}

/** 0 to 1 from `20%`. */
export function share(limits: Limits = {}): z.ZodType<number, string> {
  const examples = ['20%', '0.5%'];
  return quantity(
    {what: describeUnit('ratio'), pattern: SHARE_PATTERN, examples, parse: parseShare, format: formatShare},
    {max: 1, ...limits},
  );
}

/** Per second from `100/s`. */
export function rate(limits: Limits = {}): z.ZodType<number, string> {
  const examples = ['100/s', '90/m'];
  return quantity(
    {what: describeUnit('per-second'), pattern: RATE_PATTERN, examples, parse: parseRate, format: formatRate},
    limits,
  );
}

/** Bytes from `64MiB`. */
export function size(limits: Limits = {}): z.ZodType<number, string> {
  const examples = ['64MiB', '1GB'];
  return quantity(
    {what: describeUnit('bytes'), pattern: SIZE_PATTERN, examples, parse: parseSize, format: formatSize},
    limits,
  );
}

/** Bytes per second from `1MiB/s` or `10Mbit/s`. */
export function bandwidth(limits: Limits = {}): z.ZodType<number, string> {
  return quantity(
    {
      what: 'a bandwidth such as `1MiB/s`, `10Mbit/s`',
      pattern: BANDWIDTH_PATTERN,
      examples: ['1MiB/s', '10Mbit/s'],
      parse: parseBandwidth,
      format: formatBandwidth,
    },
    limits,
  );
}
