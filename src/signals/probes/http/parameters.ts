import * as z from 'zod';
import {
  asSent,
  goodStatus,
  hasOneBody,
  httpUrl,
  redirects,
  sentFields,
  tlsCheck,
  TWO_BODIES,
} from '../../../quantities/http.js';
import type {JsonObject} from '../../../quantities/json.js';
import type {ValueRange} from '../../../quantities/range.js';
import {jsonPath, rangeOf as rangeOfMeasure, regex, unit} from '../fields.js';

export {unitOf, worseOf} from '../fields.js';

const MEASURES = ['latency', 'status', 'up', 'number'] as const;
export type HttpMeasure = (typeof MEASURES)[number];

const shape = () =>
  z.strictObject({
    url: httpUrl().describe('What to request.'),
    ...sentFields(),
    measure: z
      .enum(MEASURES)
      .optional()
      .describe(
        '`latency`: until the whole answer is there; an unexpected answer is a missing value. `status`: the status code. `up`: 1 when the answer is as expected, 0 otherwise. `number`: what stands in the body. Default: `number` where there is a `jsonPath`, else `latency`.',
      ),
    expect: z
      .strictObject({
        status: goodStatus().describe(
          'Expected status: `2xx` (the default), `200-399`, `204`, or a list of these. A redirect that is not followed is none by default.',
        ),
        bodyMatches: regex().optional().describe('Regular expression that is found in the body.'),
      })
      .prefault({})
      .describe('What counts as a good answer.'),
    jsonPath: jsonPath().optional().describe('Where in a JSON body the number is. Without it the body is the number.'),
    unit: unit(),
    redirects: redirects(),
    tls: tlsCheck().optional().describe('How the certificate of an https server is checked, and what is shown to it.'),
  });

type WrittenHttpProbe = z.output<ReturnType<typeof shape>>;

const measured = (given: WrittenHttpProbe): HttpMeasure =>
  given.measure ?? (given.jsonPath === undefined ? 'latency' : 'number');

function check(given: WrittenHttpProbe, context: z.RefinementCtx): void {
  const refuse = (key: string, message: string) => context.addIssue({code: 'custom', path: [key], message});
  if (!hasOneBody(given)) refuse('body', TWO_BODIES.error);
  const measure = measured(given);
  for (const key of ['jsonPath', 'unit'] as const)
    if (given[key] !== undefined && measure !== 'number')
      refuse(key, `expected \`${key}\` only with \`measure: number\`; got \`measure: ${measure}\``);
}

/** Normalised: a body is text, a content type is set for JSON, the method and the measure are there. */
export const parameters = () =>
  shape()
    .superRefine(check)
    .transform(given => {
      const {json: _, body: __, ...rest} = given;
      return {...rest, ...asSent(given), measure: measured(given)};
    })
    .describe('Sends one HTTP request per read.');

export type Parameters = z.output<ReturnType<typeof parameters>>;

export function rangeOf(given: JsonObject, timeoutMs: number): ValueRange {
  return given['measure'] === 'status' ? {least: 100, most: 999} : rangeOfMeasure(given, timeoutMs);
}
