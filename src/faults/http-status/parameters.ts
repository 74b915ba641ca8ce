import * as z from 'zod';
import {headers, placeCheck, placeFields, requestFields} from '../http.js';

const ABOUT = 'Answer HTTP requests with a status of your choice.';

const fields = () => ({
  status: z.int().min(200).max(599).default(503).describe('Status of the answer.'),
  body: z.string().max(1_048_576).default('').describe('Body of the answer.'),
  headers: headers()
    .default({})
    .describe('Headers of the answer, such as `{retry-after: "1"}`. `content-type` is `text/plain` unless given.'),
  askService: z
    .boolean()
    .default(false)
    .describe(
      '`false`: the service never sees the request. `true`: it gets the request and does its work, and its response is dropped for this answer.',
    ),
  ...requestFields(),
});

export const connectionParameters = () => z.strictObject(fields()).describe(ABOUT);

export const containerParameters = () =>
  z
    .strictObject({...fields(), ...placeFields()})
    .check(placeCheck)
    .describe(ABOUT);
