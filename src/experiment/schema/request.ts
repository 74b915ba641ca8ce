import * as z from 'zod';
import {goodStatus, hasOneBody, httpUrl, redirects, sentFields, statusRanges, tlsCheck, TWO_BODIES} from '../../quantities/http.js';
import {jsonPath} from '../../quantities/json-path.js';
import {regularExpression, showValue, size} from '../../quantities/schema.js';
import {placeholdersIn} from '../../signals/load/placeholder.js';
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

/** Where the id of a write is found: in what an answer says, or in a line of a list. */
const idFields = () => ({
  json: jsonPath().optional().describe('It is the text or number at this path of what is JSON. A number beyond 2^53 is not exact: read it with `matches`.'),
  matches: regularExpression()
    .optional()
    .describe('It is the first group (or else the whole match) of this regular expression, in the header, the value at the path or all of the text.'),
});

const NO_ID = {error: 'expected where the id stands: `json`, `matches` or (in an answer) `header`; got none of them'};

/** The id of a write in an entry of a list. */
export const listedId = () =>
  z.strictObject(idFields()).refine(({json, matches}) => (json ?? matches) !== undefined, NO_ID);

const answeredId = () =>
  z
    .strictObject({header: headerName().optional().describe('It is in this header of the answer.'), ...idFields()})
    .refine(({header, json, matches}) => (header ?? json ?? matches) !== undefined, NO_ID)
    .refine(({header, json}) => header === undefined || json === undefined, {error: 'expected `header` or `json`; got both', path: ['json']});

/** What is the same each time names no write, and what is drawn again is another value than the one that is sent. */
function isSentId(text: string): boolean {
  const kinds = placeholdersIn(text).map(({kind}) => kind);
  return kinds.length > 0 && !kinds.includes('pick') && !kinds.includes('range');
}

const sentId = () =>
  z.string().refine(isSentId, {
    error: ({input}) => `expected the placeholders that stand in the request for the id, such as \`\${seq}\` (not \`\${pick:…}\`, which is drawn each time); got ${showValue(input)}`,
  });

const NEITHER_ID = ({input}: {readonly input?: unknown}) =>
  `expected where the id stands, such as \`{json: $.id}\`, or an id that is sent, such as \`"\${seq}"\`; got ${showValue(input)}`;

const writeId = () => z.union([sentId(), answeredId()], {error: NEITHER_ID});

/** The id of what a request to a store writes. */
export const storedWriteId = () =>
  z
    .union([sentId(), listedId()], {error: NEITHER_ID})
    .optional()
    .describe(
      'It writes something: for a check of lost writes (`expect.writes`). The id as it is sent, a text with placeholders that stand in it (`order-${seq}`), or where it stands in the answer (`{matches: ".+"}` is all of it): the first column of the first row, or what Redis replies. An answer without it is `check-id`.',
    );

const request = () =>
  z
    .strictObject({
      url: httpUrl().describe('Where to send the requests.'),
      ...sentFields(),
      success: goodStatus().describe('Status codes that count as a success: `2xx`, `200-399`, `204`, or a list of these. A redirect that is not followed is none by default.'),
      redirects: redirects(),
      checks: checks(),
      carry: carry(),
      id: writeId()
        .optional()
        .describe(
          'The request writes something: for a check of lost writes (`expect.writes`). Either a good answer names the id of the write (`{json: $.id}`, `{header: location}`), and one without it is an error of the request, `check-id`; or the request says it itself: a text with the placeholders that it sends (`order-${seq}`), so that the id is known also where no answer came. Ids are texts of 1 to 256 characters, without the space around them.',
        ),
      http2: z
        .boolean()
        .optional()
        .describe('`true`: HTTP/2, to https where the server offers it, to http at once. Default: HTTP/1.1.'),
      tls: tlsCheck().optional().describe('How the certificate of an https server is checked, and what is shown to it.'),
    })
    .refine(hasOneBody, TWO_BODIES)
    .refine(({id, checks, carry}) => typeof id !== 'object' || (checks?.['id'] ?? carry?.['id']) === undefined, {
      error: 'expected no check of the name `id` beside `id`: both would be the outcome `check-id`',
      path: ['id'],
    });

export type WrittenRequest = z.output<ReturnType<typeof request>>;

/** A request of a load: its URL, or its parts. */
export const httpRequest = () =>
  z.union([httpUrl().transform((url): WrittenRequest => ({url, headers: {}, success: goodStatus().parse(undefined), redirects: 0})), request()], {
    error: issue => `expected a URL or a request such as \`{url: http://127.0.0.1:8080/}\`; got ${showValue(issue.input)}`,
  });

export type WrittenCheck = z.output<ReturnType<typeof check>>;

export type WrittenId = z.output<ReturnType<typeof answeredId>>;

export type WrittenCarry = z.output<ReturnType<typeof carried>>;
