import * as z from 'zod';
import {placeCheck, placeFields, requestFields} from '../http.js';

const ABOUT = 'End the connections of HTTP requests without a whole response.';

const fields = () => ({
  when: z
    .enum(['before', 'middle'])
    .default('before')
    .describe(
      '`before`: the service never sees the request. `middle`: it answers, and the connection ends behind the first bytes of the body (without a body: within the headers).',
    ),
  by: z.enum(['reset', 'close']).default('reset').describe('How the connection ends: with an RST, or in order (FIN).'),
  ...requestFields(),
});

export const connectionParameters = () => z.strictObject(fields()).describe(ABOUT);

export const containerParameters = () =>
  z
    .strictObject({...fields(), ...placeFields()})
    .check(placeCheck)
    .describe(ABOUT);
