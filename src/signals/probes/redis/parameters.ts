import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import {ANY, NOT_NEGATIVE, YES_OR_NO, type ValueRange} from '../../../quantities/range.js';
import type {Unit} from '../../../quantities/unit.js';
import {checkRedisUrls, redisPlace, type Refuse} from '../../stores/redis/fields.js';
import {unit, unitFrom} from '../fields.js';

const READS = ['info', 'role', 'length', 'get', 'measure'] as const;

const key = () => z.string().regex(/\S/, 'expected the name of a key');

const shape = () =>
  z.strictObject({
    ...redisPlace(),
    info: z
      .string()
      .regex(/^[\w-]+(?:\.[\w-]+)?$/, 'expected a field of INFO such as `connected_slaves` or `slave0.lag`')
      .optional()
      .describe(
        'A field of `INFO`: `connected_slaves`, `master_repl_offset`, `used_memory`; of a field with parts one of them: `slave0.lag`, `db0.keys`. `up`, `ok` and `yes` are 1, `down`, `err` and `no` are 0. `used_memory…`, `maxmemory`, `…_bytes` and `…_offset` are sizes.',
      ),
    role: z
      .enum(['primary', 'replica', 'master', 'slave'])
      .optional()
      .describe(
        '1 while the server that answers has this role (`master` and `slave` are their old names), 0 otherwise.',
      ),
    length: key()
      .optional()
      .describe('Number of elements of a list, stream, set, sorted set or hash; 0 when there is no such key.'),
    get: key().optional().describe('The number that this key holds.'),
    measure: z
      .enum(['latency', 'up'])
      .optional()
      .describe(
        '`latency`: of a PING, on a connection that is kept. `up`: 1 when a server takes a new connection and answers a PING on it, 0 otherwise.',
      ),
    unit: unit(),
  });

const refusing =
  (context: {addIssue(issue: {code: 'custom'; path: string[]; message: string}): void}): Refuse =>
  (at, message) =>
    context.addIssue({code: 'custom', path: [at], message});

/** What can list the ids of writes: a key's elements, or keys of a form. */
export const listParameters = () =>
  shape()
    .pick({url: true, urls: true, ask: true, tls: true})
    .extend({
      entries: key()
        .optional()
        .describe(
          'The elements of this key: of a list, a set or a sorted set, the fields of a hash, the ids of the entries of a stream. No such key is an empty list.',
        ),
      field: key().optional().describe('Of a stream: the value of this field of each entry, instead of its id.'),
      keys: z
        .string()
        .regex(
          /^[^*?[\]\\]*\*[^*?[\]\\]*$/,
          'expected the form of keys with one `*` and no other sign of a pattern: `order:*`',
        )
        .optional()
        .describe('All keys of this form, `order:*`: what stands in the place of `*`.'),
    })
    .superRefine((given, context) => {
      const refuse = refusing(context);
      checkRedisUrls(given, refuse);
      if (given.entries === undefined && given.keys === undefined)
        refuse('entries', 'expected `entries` or `keys`; got neither');
      if (given.entries !== undefined && given.keys !== undefined)
        refuse('keys', 'expected `entries` or `keys`; got both');
      if (given.field !== undefined && given.entries === undefined)
        refuse('field', 'expected `field` beside `entries` only');
    })
    .transform(({url: only, urls, ...rest}) => ({...rest, urls: urls ?? [only ?? '']}))
    .describe('Asks one server for what a key holds, or which keys it has.');

export type ListParameters = z.output<ReturnType<typeof listParameters>>;

export const parameters = () =>
  shape()
    .superRefine((given, context) => {
      const refuse = refusing(context);
      checkRedisUrls(given, refuse);
      const [first, second] = READS.filter(read => given[read] !== undefined);
      if (first === undefined)
        refuse('info', 'expected one of `info`, `role`, `length`, `get` and `measure`; got none of them');
      if (first !== undefined && second !== undefined)
        refuse(second, `expected one of \`info\`, \`role\`, \`length\`, \`get\` and \`measure\`; got \`${first}\` too`);
      if (given.unit !== undefined && given.info === undefined && given.get === undefined)
        refuse('unit', 'expected `unit` only with `info` or `get`');
      if (given.role !== undefined && given.ask !== 'any')
        refuse('role', 'expected `role` of whoever answers: with `ask` it is known; use `measure: up`');
    })
    .transform(({url: only, urls, role, ...rest}) => ({
      ...rest,
      urls: urls ?? [only ?? ''],
      ...(role === undefined
        ? {}
        : {role: role === 'primary' || role === 'master' ? ('primary' as const) : ('replica' as const)}),
    }))
    .describe('Asks one server for one number, over a connection that is kept; for `up` over a new one each time.');

export type Parameters = z.output<ReturnType<typeof parameters>>;

const SIZE =
  /^(?:used_memory(?!.*_(?:human|perc)$)|maxmemory$|total_system_memory$|repl_backlog_size$)|_(?:bytes|offset)$/;

export function unitOf(given: JsonObject): Unit {
  if (given['measure'] === 'latency') return 'ms';
  if (given['length'] !== undefined) return 'count';
  if (given['unit'] !== undefined) return unitFrom(given['unit']);
  return typeof given['info'] === 'string' && SIZE.test(given['info']) ? 'bytes' : 'number';
}

export function worseOf(given: JsonObject): 'higher' | 'lower' | 'either' {
  if (given['measure'] === 'latency') return 'higher';
  return given['measure'] === 'up' || given['role'] !== undefined ? 'lower' : 'either';
}

export function rangeOf(given: JsonObject, timeoutMs: number): ValueRange {
  if (given['measure'] === 'latency') return {least: 0, below: timeoutMs};
  if (given['measure'] === 'up' || given['role'] !== undefined) return YES_OR_NO;
  return given['length'] === undefined ? ANY : NOT_NEGATIVE;
}
