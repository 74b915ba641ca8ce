import * as z from 'zod';
import {showValue} from './schema.js';

/** Status codes from first to last, both included. */
export type StatusRange = readonly [from: number, to: number];

const STATUS = /^(?:([1-5])xx|([1-5]\d\d)(?:-([1-5]\d\d))?)$/;

/** `2xx`, `200-299`, `204` or the number 204; undefined when it is none of these. */
function parseStatusRange(given: string | number): StatusRange | undefined {
  const match = STATUS.exec(String(given));
  if (match === null) return undefined;
  const [, hundred, from, to] = match;
  if (hundred !== undefined) return [Number(hundred) * 100, Number(hundred) * 100 + 99];
  const range = [Number(from), Number(to ?? from)] as const;
  return range[0] <= range[1] ? range : undefined;
}

/** `204`, `2xx` or `200-299`, as they are written in a file. */
export function formatStatusRanges(ranges: readonly StatusRange[]): string {
  const one = ([from, to]: StatusRange): string => {
    if (from === to) return String(from);
    return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}-${to}`;
  };
  return ranges.map(one).join(', ');
}

export function isStatusIn(status: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(([from, to]) => status >= from && status <= to);
}

const expectedStatus = (given: unknown) =>
  `expected a status such as \`204\`, \`2xx\` or \`200-299\`; got ${showValue(given)}`;

/** One range of status codes or a list of them, normalised to a list. */
export const statusRanges = () => {
  const one = () => z.union([z.string(), z.number()], {error: issue => expectedStatus(issue.input)});
  return z
    .union([z.string(), z.number(), z.array(one()).min(1)], {error: issue => expectedStatus(issue.input)})
    .transform((given, context) => {
      const ranges: StatusRange[] = [];
      for (const [at, item] of (Array.isArray(given) ? given : [given]).entries()) {
        const range = parseStatusRange(item);
        const path = Array.isArray(given) ? [at] : [];
        if (range === undefined)
          context.issues.push({code: 'custom', message: expectedStatus(item), input: item, path});
        else ranges.push(range);
      }
      return ranges;
    });
};

/** Status codes of a good answer, for loads and probes alike. */
export const goodStatus = () => statusRanges().prefault('2xx');

/** For loads and probes alike. */
export const redirects = () =>
  z
    .int()
    .min(0)
    .max(20)
    .default(0)
    .describe(
      'How many redirects to follow; the last answer counts. Another server gets neither credentials nor cookies nor other headers of the file.',
    );

/** What is wrong with a text that should be a URL, and what it may have meant; undefined when it is one. */
function urlProblem(value: string): {readonly hint?: string} | undefined {
  if (value.includes('${secret:')) return undefined;
  // A placeholder stands for a value that fits.
  const text = value.trim().replaceAll(/\$\{[^{}]*\}/g, 'x');
  if (/^https?:\/\/[^\s/]/i.test(text) && !/\s/.test(text) && URL.canParse(text))
    return value === value.trim() ? undefined : {hint: 'remove the space around it'};
  return /^[\w-]+(?:\.[\w-]+)*(?::\d+)?(?:\/\S*)?$/.test(text) ? {hint: `did you mean \`http://${text}\`?`} : {};
}

const expectedUrl = (given: unknown) =>
  `expected a URL such as \`http://127.0.0.1:8080/health\`; got ${showValue(given)}`;

/** An absolute http or https URL. A URL with a secret in it is checked when the secret is known. */
export const httpUrl = () =>
  z
    .string({error: issue => expectedUrl(issue.input)})
    .superRefine((value, context) => {
      const problem = urlProblem(value);
      if (problem !== undefined) context.addIssue({code: 'custom', message: expectedUrl(value), params: problem});
    })
    .meta({pattern: '^https?://', examples: ['http://127.0.0.1:8080/health']});

const headers = () => z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expected a header name'), z.string());

const method = () => z.string().regex(/^[A-Z]{1,20}$/, 'expected an HTTP method such as `GET`');

/** Of a request: how it is sent, for loads, probes and faults alike. */
export const sentFields = () => ({
  method: method().optional().describe('Default: `GET`, or `POST` where there is a body.'),
  headers: headers().default({}).describe('Headers to send.'),
  json: z.json().optional().describe('Body as data; the content type becomes `application/json`.'),
  body: z.string().optional().describe('Body as text.'),
});

type SentFields = z.output<z.ZodObject<ReturnType<typeof sentFields>>>;

export const hasOneBody = ({json, body}: Pick<SentFields, 'json' | 'body'>) => json === undefined || body === undefined;
export const TWO_BODIES = {error: 'expected `json` or `body`; got both', path: ['body']};

/** Normalised: a body is text, a content type is set for JSON, the method is there. */
export function asSent({method, headers, json, body: text}: SentFields) {
  const body = json === undefined ? text : JSON.stringify(json);
  const isTyped = Object.keys(headers).some(name => name.toLowerCase() === 'content-type');
  return {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: json === undefined || isTyped ? headers : {'content-type': 'application/json', ...headers},
    ...(body === undefined ? {} : {body}),
  };
}

/** Paths of PEM files that a TLS connection may need. */
export const pemFiles = {
  ca: () => z.string().min(1).optional().describe('Path of a file with further certificate authorities (PEM).'),
  cert: () => z.string().min(1).optional().describe('Path of the certificate that is shown to the server (PEM).'),
  key: () => z.string().min(1).optional().describe('Path of the private key of `cert` (PEM).'),
};

/** A certificate is shown with its key. */
export const PAIRED = {error: 'expected `cert` and `key` together'} as const;

export function isPaired({cert, key}: {readonly cert?: unknown; readonly key?: unknown}): boolean {
  return (cert === undefined) === (key === undefined);
}

/** How the certificate of a TLS server is checked, and what is shown to it. */
export const tlsCheck = () =>
  z
    .strictObject({
      rejectUnauthorized: z.boolean().default(true).describe('`false` accepts any certificate.'),
      ca: pemFiles.ca(),
      cert: pemFiles.cert(),
      key: pemFiles.key(),
    })
    .refine(isPaired, PAIRED);
