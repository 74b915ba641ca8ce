import * as z from 'zod';
import {regularExpression} from '../quantities/schema.js';
import type {HttpWish, RequestMatch, RequestPlace, RequestTreatment} from '../targets/http.js';
import {seed, share} from './connections.js';

/** Parameters that faults on HTTP requests have in common. */

const regexp = () =>
  regularExpression()
    .min(1)
    .max(1000)
    .describe(
      'A regular expression (RE2: no look-around, no back-references); it may fit any part of the text unless it says `^` and `$`.',
    );

/** A text with wildcards, or a regular expression where it says so. */
export const textPattern = (about: string) =>
  z.union([z.string().min(1).max(1000), z.strictObject({regexp: regexp()})]).describe(about);

/** The name of a header field. */
export const headerName = () => z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,200}$/, 'expected the name of a header');

/** Fields that say where a message ends: they follow from the body. */
const FRAMING = /^(?:content-length|transfer-encoding|connection|upgrade|trailer)$/i;

const ownHeader = () =>
  headerName().refine(name => !FRAMING.test(name), 'expected a header that does not say where the message ends');

/** Headers to give to a response. */
export const headers = () =>
  z.record(
    ownHeader(),
    z
      .string()
      .max(8_000)
      .regex(/^[^\r\n\0]*$/, 'expected a value in one line'),
  );

export const headerNames = () => z.array(ownHeader()).max(100);

const METHOD = /^[A-Z][A-Z0-9_-]{0,31}$/;
const methods = () => {
  const one = () => z.string().regex(METHOD, 'expected an HTTP method such as `GET`');
  return z.union([one(), z.array(one()).min(1)]).transform(given => (Array.isArray(given) ? given : [given]));
};

/** Which requests, and how many of them. */
export const requestFields = () => ({
  method: methods().optional().describe('Only requests with this method, or one of a list: `GET`, `[POST, PUT]`.'),
  path: textPattern(
    'Only requests whose path (without the query) fits this glob: `*` is anything but `/`, `**` is anything, such as `/cart/**`. Or `{regexp: "^/v[12]/"}`.',
  ).optional(),
  header: z
    .record(headerName(), textPattern('A value with wildcards (`*` is anything), or `{regexp: …}`.'))
    .optional()
    .describe('Only requests with these headers, by name: `{x-user: "test-*"}`. All of them have to fit.'),
  share: share('Share of the requests that fit.'),
  seed: seed().describe(
    'Seed of the draw for `share`: the same one hits the same requests in the order in which they come. Default: follows from target and parameters.',
  ),
});

const port = () => z.int().min(1).max(65_535);

/** Where a container meets the requests. */
export const placeFields = () => ({
  port: port()
    .optional()
    .describe(
      'Requests that the target receives on this port of its own. May be left out where it listens on one only.',
    ),
  to: z
    .strictObject({
      host: z
        .string()
        .min(1)
        .max(253)
        .describe('Name or address, as the target itself would use it; a name is looked up again every 5 s.'),
      port: port().describe('Port of that host.'),
    })
    .optional()
    .describe('Requests that the target sends there, instead of those it receives. Plain HTTP only.'),
  existing: z
    .enum(['reset', 'leave'])
    .default('reset')
    .describe(
      'Connections from before: `reset` answers their next packet with an RST, so that pooled clients connect again and meet the fault; `leave` lets them go on without it.',
    ),
});

export function placeCheck(context: z.core.ParsePayload<{port?: number | undefined; to?: object | undefined}>): void {
  const {port: received, to} = context.value;
  if (received === undefined || to === undefined) return;
  const message = 'expected either `port` (requests it receives) or `to` (requests it sends); got both';
  context.issues.push({code: 'custom', message, path: ['to'], input: context.value});
}

/** Which requests, as the schemas of these faults give it. */
export type RequestFields = RequestMatch & {readonly share: number; readonly seed?: number | undefined};

/** The wish of a fault with these parameters. */
export function wishOf(p: RequestFields, treatment: RequestTreatment, forMs: number, place?: RequestPlace): HttpWish {
  const {method, path, header, share: hit, seed: chosen} = p;
  return {treatment, match: {method, path, header}, share: hit, seed: chosen, forMs, place};
}

/** Where a container meets them, likewise. */
export interface HttpPlacement {
  readonly port?: number | undefined;
  readonly to?: {readonly host: string; readonly port: number} | undefined;
  readonly existing: 'reset' | 'leave';
}

/** The place among a fault's parameters. */
export function placeOf(p: HttpPlacement): RequestPlace {
  return {port: p.port, to: p.to, existing: p.existing};
}
