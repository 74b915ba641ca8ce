import * as z from 'zod';
import {goodStatus, hasOneBody, httpUrl, redirects, sentFields, statusRanges, tlsCheck, TWO_BODIES} from '../../quantities/http.js';
import {jsonPath} from '../../quantities/json-path.js';
import {regularExpression, showValue, size} from '../../quantities/schema.js';
import {name} from './fields.js';

const SUBJECTS = ['status', 'maxSize', 'header', 'json'] as const;
const CONDITIONS = ['equals', 'contains', 'matches'] as const;

const named = (keys: readonly string[]) => keys.map(key => `\`${key}\``).join(' and ');

/** What is wrong with a check as a whole; undefined when nothing is. */
function wrongCheck(given: Readonly<Record<string, unknown>>): string | undefined {
  const has = (keys: readonly string[]) => keys.filter(key => given[key] !== undefined);
  const subjects = has(SUBJECTS);
  const conditions = has(CONDITIONS);
  if (subjects.length > 1) return `expected one thing to check; got ${named(subjects)}`;
  if (conditions.length > 1) return `expected one of \`equals\`, \`contains\`, \`matches\`; got ${named(conditions)}`;
  const [subject] = subjects;
  if (subject === undefined && conditions.length === 0) return 'expected something to check; got nothing';
  if ((subject === 'status' || subject === 'maxSize') && conditions.length > 0)
    return `expected \`${subject}\` alone; got ${named([subject, ...conditions])}`;
  return undefined;
}

const headerName = () => z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expected a header name');

const check = () =>
  z
    .strictObject({
      status: statusRanges().optional().describe('The status is one of these: `201`, `2xx`, `200-299`, or a list.'),
      maxSize: size().optional().describe('The body is at most this long.'),
      header: headerName()
        .optional()
        .describe('This header is there, and as `equals`, `contains` or `matches` say.'),
      json: jsonPath()
        .optional()
        .describe('The body is JSON with a value at this path, and it is as `equals`, `contains` or `matches` say.'),
      equals: z.json().optional().describe('The whole value.'),
      contains: z.string().min(1).optional().describe('Part of the text: of the body where neither `header` nor `json` is given.'),
      matches: regularExpression().optional().describe('Regular expression that finds something in it.'),
    })
    .superRefine((given, context) => {
      const message = wrongCheck(given);
      if (message !== undefined) context.addIssue({code: 'custom', message});
    });

export const checks = () =>
  z
    .record(name(), check())
    .optional()
    .describe('What must be true of an answer with a good status, by name. The first that is not makes the outcome `check-NAME`. Of a body the first MiB is looked at, unpacked (gzip, deflate, br) and in its charset.');

const carried = () =>
  z
    .strictObject({
      header: headerName().optional().describe('The value of this header.'),
      json: jsonPath().optional().describe('The value at this path of a body in JSON.'),
      matches: regularExpression({oneGroup: true}).optional().describe('What its one group finds, in the header, the value or, where neither is given, the body.'),
    })
    .refine(({header, json, matches}) => [header, json, matches].some(given => given !== undefined), {error: 'expected `header`, `json` or `matches`: what to take from the answer; got none'})
    .refine(({header, json}) => header === undefined || json === undefined, {error: 'expected `header` or `json`; got both', path: ['json']});

const carry = () =>
  z
    .record(name(), carried())
    .optional()
    .describe('Values of a good answer for later requests of the same user, by name: `${carry:NAME}`. One that is not there, is empty or longer than 16 KiB makes the outcome `check-NAME`.');

const request = () =>
  z
    .strictObject({
      url: httpUrl().describe('Where to send the requests.'),
      ...sentFields(),
      success: goodStatus().describe('Status codes that count as a success: `2xx`, `200-399`, `204`, or a list of these. A redirect that is not followed is none by default.'),
      redirects: redirects(),
      checks: checks(),
      carry: carry(),
      http2: z
        .boolean()
        .optional()
        .describe('`true`: HTTP/2, to https where the server offers it, to http at once. Default: HTTP/1.1.'),
      tls: tlsCheck().optional().describe('How the certificate of an https server is checked, and what is shown to it.'),
    })
    .refine(hasOneBody, TWO_BODIES);

export type WrittenRequest = z.output<ReturnType<typeof request>>;

/** A request of a load: its URL, or its parts. */
export const httpRequest = () =>
  z.union([httpUrl().transform((url): WrittenRequest => ({url, headers: {}, success: goodStatus().parse(undefined), redirects: 0})), request()], {
    error: issue => `expected a URL or a request such as \`{url: http://127.0.0.1:8080/}\`; got ${showValue(issue.input)}`,
  });

export type WrittenCheck = z.output<ReturnType<typeof check>>;

export type WrittenCarry = z.output<ReturnType<typeof carried>>;
