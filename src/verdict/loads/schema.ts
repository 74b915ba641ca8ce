import * as z from 'zod';
import {nullable} from '../schema-parts.js';

export const loadsSchema = () =>
  z
    .array(
      z.strictObject({
        load: z.string(),
        intended: z.number().int().describe('Requests that were due.'),
        sent: z.number().int(),
        unsent: z.number().int().describe('Due, but not sent: too many in flight, or the generator stood still.'),
        askedPerSecond: z.number(),
        achievedPerSecond: z.number(),
        lag: z
          .strictObject({p50: nullable(), p99: nullable()})
          .describe('How long after they were due requests left, ms. Null: nothing was sent, or it is not on record.'),
        dispersion: z
          .strictObject({sent: z.number(), planned: z.number()})
          .nullable()
          .describe(
            'Variance over mean of requests per 10 ms, as they left and as they were due: 0 is even, 1 is Poisson, more is bursts.',
          ),
        limited: z
          .array(z.strictObject({interval: z.string(), why: z.string()}))
          .describe('Judged intervals in which the generator was the limit, not the target.'),
      }),
    )
    .describe('What the generator of each load did.');
