import * as z from 'zod';
import {headerNames, headers, placeCheck, placeFields, requestFields, textPattern} from '../http.js';

const ABOUT = 'Change headers and body of the responses to HTTP requests.';

const fields = () => ({
  setHeaders: headers().default({}).describe('Headers to set, in place of those of the same name.'),
  removeHeaders: headerNames().default([]).describe('Headers to take out.'),
  body: z.string().max(1_048_576).optional().describe('A whole new body, in place of the one of the service.'),
  replace: z
    .array(
      z.strictObject({
        find: textPattern('A text (every occurrence, literally), or `{regexp: …}` (every match).'),
        with: z.string().max(65_536).describe('What stands there instead; `$1` is a group of the regular expression.'),
      }),
    )
    .max(100)
    .default([])
    .describe(
      'Texts to replace within the body, one after the other. Bodies up to 8 MiB; gzip, deflate and br are undone and done again. Where a regular expression would take seconds in a body, the body stays as it is.',
    ),
  json: z
    .record(z.string().regex(/^(\/.*)?$/, 'expected a JSON pointer such as `/items/0/price`'), z.json())
    .default({})
    .describe(
      'Values to set in a JSON body, by JSON pointer: `{/items/0/price: -1}`. A pointer to nowhere changes nothing.',
    ),
  ...requestFields(),
});

type Changes = Pick<z.infer<ReturnType<typeof plain>>, 'setHeaders' | 'removeHeaders' | 'body' | 'replace' | 'json'>;

const plain = () => z.strictObject(fields());

function changeCheck(context: z.core.ParsePayload<Changes>): void {
  const {setHeaders, removeHeaders, body, replace, json} = context.value;
  const within = replace.length + Object.keys(json).length;
  const add = (message: string, path: readonly string[]) =>
    context.issues.push({code: 'custom', message, path: [...path], input: context.value});
  if (body !== undefined && within > 0)
    add('expected either `body` or changes within it (`replace`, `json`)', ['body']);
  if (body !== undefined || within > 0 || removeHeaders.length > 0 || Object.keys(setHeaders).length > 0) return;
  add('expected something to change: `setHeaders`, `removeHeaders`, `body`, `replace` or `json`', []);
}

export const connectionParameters = () => plain().check(changeCheck).describe(ABOUT);

export const containerParameters = () =>
  z
    .strictObject({...fields(), ...placeFields()})
    .check(changeCheck)
    .check(placeCheck)
    .describe(ABOUT);
