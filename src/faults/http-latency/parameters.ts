import * as z from 'zod';
import {duration} from '../../quantities/schema.js';
import {placeCheck, placeFields, requestFields} from '../http.js';

const ABOUT = 'Delay HTTP requests on their way to the service.';

const fields = () => ({
  delay: duration({positive: true, max: 600_000}).describe('How much later a request is passed on to the service.'),
  jitter: duration()
    .prefault('0ms')
    .describe('The delay varies evenly by up to this much, up and down; at most as large as the delay.'),
  ...requestFields(),
});

function jitterCheck(context: z.core.ParsePayload<{delay: number; jitter: number}>): void {
  const {delay, jitter} = context.value;
  if (jitter <= delay) return;
  context.issues.push({code: 'custom', message: 'expected at most the delay', path: ['jitter'], input: context.value});
}

export const connectionParameters = () => z.strictObject(fields()).check(jitterCheck).describe(ABOUT);

export const containerParameters = () =>
  z
    .strictObject({...fields(), ...placeFields()})
    .check(jitterCheck)
    .check(placeCheck)
    .describe(ABOUT);
