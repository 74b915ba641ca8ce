import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import {parseSelector} from '../../../quantities/prometheus/selector.js';
import {share, showValue} from '../../../quantities/schema.js';
import type {Unit} from '../../../quantities/unit.js';
import {unit, unitFrom} from '../fields.js';
import {ANY, NOT_NEGATIVE, SHARE, type ValueRange} from '../../../quantities/range.js';
import {rangeTraps} from '../../../quantities/prometheus/range-trap.js';
import type {CountedAs, ProbeTraits, Smoothing} from '../../traits.js';

const INSTEAD =
  'expected a metric name with optional labels such as `orders_total{job="shop"}`: its raw samples are read and calculated with here (a calculation of your own is a `query`)';

/** The series of a raw form. */
const selector = (example: string) =>
  z
    .string({error: issue => `${INSTEAD}; got ${showValue(issue.input)}`})
    .superRefine((text, context) => {
      const parsed = parseSelector(text);
      if ('instead' in parsed)
        context.addIssue({code: 'custom', message: `${INSTEAD}; got ${parsed.instead}: ${showValue(text)}`});
    })
    .meta({examples: [example]});

const shape = () =>
  z.strictObject({
    from: z.string().min(1).describe('Name of one of the `sources` of this file that has a `prometheus` address.'),
    query: z
      .string()
      .refine(query => query.trim() !== '', {error: 'expected a PromQL query; got an empty one'})
      .optional()
      .describe('PromQL, evaluated at the time of each read. Must answer with one number, unless there is a `subject`.')
      .meta({examples: ['sum(rate(orders_total[30s]))']}),
    rate: selector('orders_total{job="shop"}')
      .optional()
      .describe('Counters, as growth per second: each series is differenced by itself, then they are added up.'),
    value: selector('queue_depth{queue="orders"}')
      .optional()
      .describe('A gauge: one series, unless there is a `subject`.'),
    bad: selector('http_requests_total{code=~"5.."}')
      .optional()
      .describe('Counters of bad events; with `total`, the share of bad ones among all.'),
    total: selector('http_requests_total').optional().describe('Counters of all events, the bad ones among them.'),
    buckets: selector('http_request_duration_seconds_bucket')
      .optional()
      .describe('The `_bucket` series of a classic histogram; with `quantile`, of what was observed in each bin.'),
    quantile: share({positive: true, max: 0.99999})
      .optional()
      .describe('Which quantile of the histogram: `99%` is the value that 99 of 100 observations do not exceed.'),
    subject: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, 'expected the name of a label such as `pod`')
      .optional()
      .describe('Label that tells the series of the answer apart: one series of the metric for each of its values.'),
    unit: unit(),
  });

type WrittenQuery = z.output<ReturnType<typeof shape>>;

/** The first key of each form; `total` and `quantile` belong to one of them. */
const FORMS = ['query', 'rate', 'value', 'bad', 'buckets'] as const;
const BESIDE = {total: 'bad', quantile: 'buckets'} as const;
const SECONDS = '_seconds_bucket';

/** Whether the observations of this histogram are seconds, by its name. */
function isInSeconds(buckets: string): boolean {
  const parsed = parseSelector(buckets);
  return 'name' in parsed && parsed.name.endsWith(SECONDS);
}

function refuseUnit({unit: said, buckets, rate, bad}: WrittenQuery): string | undefined {
  if (said === undefined) return undefined;
  if (rate !== undefined) return 'expected no `unit` beside `rate`: it is per second';
  if (bad !== undefined) return 'expected no `unit` beside `bad` and `total`: it is a ratio';
  if (buckets !== undefined && isInSeconds(buckets) && said !== 'ms')
    return `expected no \`unit\` but \`ms\` for a histogram of \`${SECONDS}\`: it is shown in ms; got \`${said}\``;
  return undefined;
}

function checkBuckets({buckets, subject}: WrittenQuery, refuse: (key: string, message: string) => void): void {
  const parsed = buckets === undefined ? undefined : parseSelector(buckets);
  if (parsed === undefined || 'instead' in parsed) return;
  if (!parsed.name.endsWith('_bucket'))
    refuse('buckets', `expected the \`_bucket\` series of a classic histogram; got \`${parsed.name}\``);
  if (parsed.labels.includes('le')) refuse('buckets', 'expected all buckets: no label `le` in the selector');
  if (subject === 'le') refuse('subject', 'expected another label than `le`: the buckets together make the quantile');
}

function check(given: WrittenQuery, context: z.RefinementCtx): void {
  const refuse = (key: string | undefined, message: string) =>
    context.addIssue({code: 'custom', path: key === undefined ? [] : [key], message});
  const [form, second] = FORMS.filter(key => given[key] !== undefined);
  if (second !== undefined) refuse(second, `expected one of ${list(FORMS)}; got \`${form}\` and \`${second}\``);
  for (const [key, main] of Object.entries(BESIDE) as [keyof typeof BESIDE, (typeof FORMS)[number]][]) {
    const both = (wanted: string, beside: string) => `expected \`${wanted}\` beside \`${beside}\`; got none`;
    if (given[main] !== undefined && given[key] === undefined) refuse(main, both(key, main));
    if (given[main] === undefined && given[key] !== undefined) refuse(key, both(main, key));
  }
  if (form === undefined && given.total === undefined && given.quantile === undefined)
    refuse(undefined, `expected what to read: ${list(FORMS)}; got none`);
  const wrongUnit = refuseUnit(given);
  if (wrongUnit !== undefined) refuse('unit', wrongUnit);
  checkBuckets(given, refuse);
}

const list = (keys: readonly string[]) => keys.map(key => `\`${key}\``).join(', ');

export const parameters = () =>
  shape()
    .superRefine(check)
    .describe(
      'Asks a Prometheus server: one of `query`, `rate`, `value`, `bad` with `total`, `buckets` with `quantile`. All but `query` read the raw samples, which are complete only after the next scrape, and give one value per `every` or per scrape, whichever is longer.',
    );

export type Parameters = z.output<ReturnType<typeof parameters>>;

export function unitOf(given: JsonObject): Unit {
  if (given['rate'] !== undefined) return 'per-second';
  if (given['bad'] !== undefined) return 'ratio';
  const {buckets} = given;
  return typeof buckets === 'string' && isInSeconds(buckets) ? 'ms' : unitFrom(given['unit']);
}

/** By how much the bounds of a histogram are multiplied to be in the metric's unit. */
export function boundScale(buckets: string): number {
  return isInSeconds(buckets) ? 1000 : 1;
}

export function worseOf(given: JsonObject): 'higher' | 'lower' | 'either' {
  return given['bad'] !== undefined || given['buckets'] !== undefined ? 'higher' : 'either';
}

export function rangeOf(given: JsonObject, _timeoutMs: number): ValueRange {
  if (given['bad'] !== undefined) return SHARE;
  return given['rate'] === undefined ? ANY : NOT_NEGATIVE;
}

function countedAs({bad, buckets, quantile}: JsonObject): CountedAs | undefined {
  if (typeof bad === 'string') return {as: 'ratio'};
  return typeof buckets === 'string' && typeof quantile === 'number' ? {as: 'quantile', quantile} : undefined;
}

function smoothing({query}: JsonObject, everyMs: number): readonly Smoothing[] {
  if (typeof query !== 'string') return [];
  return rangeTraps(query, everyMs).map(({range, fn, at}) => ({
    over: range,
    where: `\`[${range}]\`${fn === undefined ? '' : ` of \`${fn}\``} at character ${at + 1} of its query`,
    instead: `Give the counter itself (\`rate:\`, \`bad:\` and \`total:\`), or ask every ${range}`,
  }));
}

export const traits: ProbeTraits = {
  asks: 'prometheus',
  hasPast: true,
  countedAs,
  isTraffic: ({rate}) => rate !== undefined,
  smoothing,
};
