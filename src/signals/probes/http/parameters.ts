import {z} from 'zod';
import {headers, httpUrl, method, statusRanges, tlsCheck} from '../../../quantities/http.js';
import {jsonPath, regex, unit} from '../fields.js';

export {unitOf, worseOf} from '../fields.js';

const MEASURES = ['latency', 'status', 'up', 'number'] as const;
export type Measure = (typeof MEASURES)[number];

const shape = () =>
  z.strictObject({
    url: httpUrl().describe('What to request.'),
    method: method().optional().describe('Default: `GET`, or `POST` where there is a body.'),
    headers: headers().default({}).describe('Headers to send.'),
    json: z.json().optional().describe('Body as data; the content type becomes `application/json`.'),
    body: z.string().optional().describe('Body as text.'),
    measure: z
      .enum(MEASURES)
      .optional()
      .describe(
        '`latency`: until the whole answer is there; an unexpected answer is a missing value. `status`: the status code. `up`: 1 when the answer is as expected, 0 otherwise. `number`: what stands in the body. Default: `number` where there is a `jsonPath`, else `latency`.',
      ),
    expect: z
      .strictObject({
        status: statusRanges()
          .prefault('200-399')
          .describe('Expected status: `2xx`, `200-399` (the default), `204`, or a list of these.'),
        bodyMatches: regex().optional().describe('Regular expression that is found in the body.'),
      })
      .prefault({})
      .describe('What counts as a good answer.'),
    jsonPath: jsonPath().optional().describe('Where in a JSON body the number is. Without it the body is the number.'),
    unit: unit(),
    redirects: z.int().min(0).max(20).default(0).describe('How many redirects to follow.'),
    tls: tlsCheck().optional().describe('How the certificate of an https server is checked.'),
  });

type Written = z.output<ReturnType<typeof shape>>;

const measured = (given: Written): Measure => given.measure ?? (given.jsonPath === undefined ? 'latency' : 'number');

function check(given: Written, context: z.RefinementCtx): void {
  const refuse = (key: string, message: string) => context.addIssue({code: 'custom', path: [key], message});
  if (given.json !== undefined && given.body !== undefined) refuse('body', 'expected `json` or `body`; got both');
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
      const {json, body: text, ...rest} = given;
      const body = json === undefined ? text : JSON.stringify(json);
      const typed = Object.keys(given.headers).some(name => name.toLowerCase() === 'content-type');
      const type = json === undefined || typed ? {} : {'content-type': 'application/json'};
      return {
        ...rest,
        ...(body === undefined ? {} : {body}),
        headers: {...type, ...given.headers},
        method: given.method ?? (body === undefined ? 'GET' : 'POST'),
        measure: measured(given),
      };
    })
    .describe('Sends one HTTP request per read.');

export type Parameters = z.output<ReturnType<typeof parameters>>;
