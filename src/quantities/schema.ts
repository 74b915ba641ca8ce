import * as z from 'zod';
import {DURATION_PATTERN, formatDuration, parseDuration} from './duration.js';
import {describeUnit} from './format.js';
import {meantQuantity} from './meant.js';
import {compilePattern, patternProblem} from './pattern.js';
import {formatRate, parseRate, RATE_PATTERN} from './rate.js';
import {formatShare, parseShare, SHARE_PATTERN} from './share.js';
import {BANDWIDTH_PATTERN, formatBandwidth, formatSize, parseBandwidth, parseSize, SIZE_PATTERN} from './size.js';
import type {Unit} from './unit.js';

// A file is read once: compiling a reader for it takes longer than reading it.
z.config({jitless: true});

/** Limits of a quantity, inclusive, in its normalised unit (ms, per second, 0 to 1, bytes). */
export interface QuantityLimits {
  readonly min?: number;
  readonly max?: number;
  /** Zero makes no sense here. */
  readonly positive?: boolean;
}

interface Quantity {
  /** The unit that is meant by a number with another one, or none; undefined: nobody knows. */
  readonly unit?: Unit;
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

/**
 * A regular expression that ends in time on every text: see `compilePattern`. `oneGroup`: with one group, which tells
 * what of the text is meant.
 */
export function regularExpression({oneGroup = false} = {}): z.ZodString {
  return z.string().superRefine((source, context) => {
    const problem = patternProblem(source) ?? (oneGroup ? groupsProblem(source) : undefined);
    if (problem === undefined) return;
    const message = `expected a regular expression; got ${showValue(source)}: ${problem.why}`;
    context.addIssue({code: 'custom', message, params: {hint: problem.hint}});
  });
}

function groupsProblem(source: string): {readonly why: string; readonly hint: string} | undefined {
  const {groups} = compilePattern(source);
  if (groups === 1) return undefined;
  return {
    why: `it has ${groups === 0 ? 'no group' : `${groups} groups`}, one is needed`,
    hint: 'put `( )` around what is meant, and `(?: )` around what else belongs together: `/orders/(\\d+)`',
  };
}

function quantity(kind: Quantity, limits: QuantityLimits): z.ZodType<number, string> {
  const wanted = (came: unknown) => `expected ${kind.what}; got ${showValue(came)}`;
  const limit = (value: number): string | undefined => {
    if (limits.positive === true && value <= 0) return 'more than zero';
    if (limits.min !== undefined && value < limits.min) return `at least ${kind.format(limits.min)}`;
    if (limits.max !== undefined && value > limits.max) return `at most ${kind.format(limits.max)}`;
    return undefined;
  };
  // What is no text is refused like a text without its unit, so that the issue says which unit was expected.
  return z
    .any()
    .meta({type: 'string', pattern: kind.pattern, examples: [...kind.examples]})
    .transform((input: unknown, context) => {
      const value = typeof input === 'string' ? kind.parse(input) : undefined;
      const broken = value === undefined ? undefined : limit(value);
      if (value !== undefined && broken === undefined) return value;
      if (broken !== undefined) {
        context.addIssue({code: 'custom', message: `expected ${broken}; got ${showValue(input)}`});
        return z.NEVER;
      }
      const hint = kind.unit === undefined ? undefined : meantQuantity(input, kind.unit);
      context.addIssue({code: 'custom', message: wanted(input), params: {code: 'WRONG_UNIT', hint}});
      return z.NEVER;
    });
}

/** Milliseconds from `200ms`, `5s`, `2m`, `1h`. */
export function duration(limits: QuantityLimits = {}): z.ZodType<number, string> {
  const examples = ['200ms', '5s', '2m'];
  return quantity(
    {
      unit: 'ms',
      what: describeUnit('ms'),
      pattern: DURATION_PATTERN,
      examples,
      parse: parseDuration,
      format: formatDuration,
    },
    limits,
  );
}

/** 0 to 1 from `20%`. */
export function share(limits: QuantityLimits = {}): z.ZodType<number, string> {
  const examples = ['20%', '0.5%'];
  return quantity(
    {
      unit: 'ratio',
      what: describeUnit('ratio'),
      pattern: SHARE_PATTERN,
      examples,
      parse: parseShare,
      format: formatShare,
    },
    {max: 1, ...limits},
  );
}

/** Per second from `100/s`. */
export function rate(limits: QuantityLimits = {}): z.ZodType<number, string> {
  const examples = ['100/s', '90/m'];
  return quantity(
    {
      unit: 'per-second',
      what: describeUnit('per-second'),
      pattern: RATE_PATTERN,
      examples,
      parse: parseRate,
      format: formatRate,
    },
    limits,
  );
}

/** Bytes from `64MiB`. */
export function size(limits: QuantityLimits = {}): z.ZodType<number, string> {
  const examples = ['64MiB', '1GB'];
  return quantity(
    {unit: 'bytes', what: describeUnit('bytes'), pattern: SIZE_PATTERN, examples, parse: parseSize, format: formatSize},
    limits,
  );
}

/** Bytes per second from `1MiB/s` or `10Mbit/s`. */
export function bandwidth(limits: QuantityLimits = {}): z.ZodType<number, string> {
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
