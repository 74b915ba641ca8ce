import {z} from 'zod';
import {rate, showValue} from '../../quantities/schema.js';
import {LOAD_MEASURES} from '../experiment.js';
import {httpUrl, lasting} from './fields.js';

const STATUS = /^(?:([1-5])xx|([1-5]\d\d)(?:-([1-5]\d\d))?)$/;

/** `2xx`, `200-299`, `204` or the number 204 as an inclusive range. */
function statusRange(given: string | number): readonly [number, number] | undefined {
  const match = STATUS.exec(String(given));
  if (match === null) return undefined;
  const [, hundred, from, to] = match;
  if (hundred !== undefined) return [Number(hundred) * 100, Number(hundred) * 100 + 99];
  const range = [Number(from), Number(to ?? from)] as const;
  return range[0] <= range[1] ? range : undefined;
}

const status = () =>
  z
    .union([z.string(), z.number()], {error: issue => `expected a status such as \`2xx\`; got ${showValue(issue.input)}`})
    .transform((given, context) => {
      const range = statusRange(given);
      if (range !== undefined) return range;
      const message = `expected a status such as \`204\`, \`2xx\` or \`200-299\`; got \`${given}\``;
      context.issues.push({code: 'custom', message, input: given});
      return z.NEVER;
    });

const request = () =>
  z
    .strictObject({
      url: httpUrl().describe('Where to send the requests.'),
      method: z
        .string()
        .regex(/^[A-Z]{1,20}$/, 'expected an HTTP method such as `GET`')
        .optional()
        .describe('Default: `GET`, or `POST` where there is a body.'),
      headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expected a header name'), z.string()).default({}).describe('Headers to send.'),
      json: z.json().optional().describe('Body as data; the content type becomes `application/json`.'),
      body: z.string().optional().describe('Body as text.'),
      success: z
        .union([status().transform(range => [range]), z.array(status()).min(1)])
        .prefault(['200-399'])
        .describe('Status codes that count as a success: `2xx`, `200-399`, `204`, or a list of these.'),
      tls: z
        .strictObject({
          rejectUnauthorized: z.boolean().default(true).describe('`false` accepts any certificate.'),
          ca: z.string().min(1).optional().describe('Path of a file with further certificate authorities (PEM).'),
        })
        .optional()
        .describe('How the certificate of an https server is checked.'),
    })
    .refine(value => value.json === undefined || value.body === undefined, {
      error: 'expected `json` or `body`; got both',
      path: ['body'],
    });

export const loadFields = () => ({
  http: z
    .union([httpUrl().transform(url => ({url, headers: {}, success: [[200, 399] as const]})), request()])
    .describe('The request to send again and again: a URL, or its parts.'),
  rate: rate({positive: true, max: 1_000_000}).describe('Requests per second, sent on time whatever the answers do.'),
  timeout: lasting().prefault('10s').describe('When a request without an answer counts as failed.'),
  maxInFlight: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('Most requests in flight. What cannot be sent because of it is counted.'),
});

/** The parameters of the metric source `load`. */
export const loadMetric = () =>
  z
    .strictObject({
      of: z.string().describe('Name of a load of this file.'),
      measure: z.enum(LOAD_MEASURES).describe('What to read from it.'),
    })
    .describe('A measure of the traffic that this experiment sends.');
