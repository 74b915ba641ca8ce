import * as z from 'zod';
import type {Json} from '../../quantities/json.js';
import {regularExpression} from '../../quantities/schema.js';
import {matcher, matchSchema} from '../http/match.js';
import type {ToxicKind} from './toxic.js';

/** Toxics that work on HTTP/1 requests; see http/gate.ts for what passes untouched. */

const name = () => z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,200}$/, 'expected a header name');
const value = () =>
  z
    .string()
    .max(8_000)
    .regex(/^[^\r\n\0]*$/, 'expected one line');
const headers = () => z.record(name(), value());
const match = () => matchSchema().default({});

interface Latency {
  readonly match: z.infer<ReturnType<typeof matchSchema>>;
  readonly delayMs: number;
  readonly jitterMs: number;
}

/** Requests are passed on later; what follows them on the same connection waits behind them, as HTTP/1 has it. */
export const httpLatency: ToxicKind<Latency> = {
  type: 'http-latency',
  counts: 'hits',
  attributes: () =>
    z
      .strictObject({match: match(), delayMs: z.number().min(0).max(600_000), jitterMs: z.number().min(0).max(600_000)})
      .refine(a => a.jitterMs <= a.delayMs, {path: ['jitterMs'], message: 'expected at most delayMs'}),
  http: ({match, delayMs, jitterMs}) => ({
    matches: matcher(match),
    treatment: random => ({kind: 'delay', ms: delayMs + jitterMs * (2 * random() - 1)}),
  }),
};

const statusSchema = () =>
  z.strictObject({
    match: match(),
    status: z.int().min(200).max(599),
    headers: headers().default({}),
    body: z.string().max(1_048_576).default(''),
    ask: z.boolean().default(false),
  });

/** Requests are answered with a status of ours. */
export const httpStatus: ToxicKind<z.infer<ReturnType<typeof statusSchema>>> = {
  type: 'http-status',
  counts: 'hits',
  attributes: statusSchema,
  http: ({match, ask, ...answer}) => ({
    matches: matcher(match),
    treatment: () => ({kind: 'answer', answer, ask}),
  }),
};

const abortSchema = () =>
  z.strictObject({
    match: match(),
    at: z.enum(['before', 'middle']).default('before'),
    by: z.enum(['close', 'reset']).default('reset'),
  });

/** The connection of a request ends without a whole response. */
export const httpAbort: ToxicKind<z.infer<ReturnType<typeof abortSchema>>> = {
  type: 'http-abort',
  counts: 'hits',
  attributes: abortSchema,
  http: ({match, at, by}) => ({matches: matcher(match), treatment: () => ({kind: 'abort', at, by})}),
};

const json = () =>
  z.custom<Json>(given => given !== undefined && JSON.stringify(given).length <= 1_048_576, {message: 'expected JSON'});

const bodySchema = () =>
  z.strictObject({
    match: match(),
    set: headers().default({}),
    remove: z.array(name().toLowerCase()).default([]),
    body: z.string().max(1_048_576).optional(),
    replace: z
      .array(
        z.strictObject({
          find: z.union([z.string().min(1), z.strictObject({regexp: regularExpression().min(1)})]),
          with: z.string(),
        }),
      )
      .max(100)
      .default([]),
    json: z
      .record(z.string().regex(/^(?:\/.*)?$/s, 'expected a JSON pointer such as `/items/0/price`'), json())
      .default({}),
  });

/** Responses are changed on their way back. */
export const httpBody: ToxicKind<z.infer<ReturnType<typeof bodySchema>>> = {
  type: 'http-body',
  counts: 'hits',
  attributes: bodySchema,
  http: ({match, ...change}) => ({matches: matcher(match), treatment: () => ({kind: 'change', change})}),
};
