import {z} from 'zod';
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

function isUrl(value: string): boolean {
  if (value.includes('${secret:')) return true;
  if (!/^https?:\/\/[^\s/]/i.test(value) || /\s/.test(value)) return false;
  return URL.canParse(value);
}

/** An absolute http or https URL. A URL with a secret in it is checked when the secret is known. */
export const httpUrl = () =>
  z
    .string({error: issue => `expected a URL such as \`http://127.0.0.1:8080/health\`; got ${showValue(issue.input)}`})
    .refine(isUrl, {
      error: issue => `expected a URL such as \`http://127.0.0.1:8080/health\`; got ${showValue(issue.input)}`,
    })
    .meta({pattern: '^(https?://|\\$\\{)', examples: ['http://127.0.0.1:8080/health']});

export const headers = () => z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expected a header name'), z.string());

export const method = () => z.string().regex(/^[A-Z]{1,20}$/, 'expected an HTTP method such as `GET`');

/** How the certificate of an https server is checked. */
export const tlsCheck = () =>
  z.strictObject({
    rejectUnauthorized: z.boolean().default(true).describe('`false` accepts any certificate.'),
    ca: z.string().min(1).optional().describe('Path of a file with further certificate authorities (PEM).'),
  });
