import * as z from 'zod';
import {seconds, verdict} from '../schema-parts.js';

const attempts = () => z.strictObject({failed: z.number().int(), attempts: z.number().int()});

export const availabilitySchema = () =>
  z
    .strictObject({
      /** `deviated`: proven to fail more often by more than is allowed; `inconclusive`: it may. */
      verdict: verdict(),
      /** The subject that decided, where the metric has several. */
      subject: z.string().nullable(),
      allowed: z.number().describe('By how much the share of failed attempts may rise.'),
      before: attempts(),
      during: attempts(),
      /** Each limit is wrong in one of a hundred runs at most. Null: no attempt in one of the two times. */
      change: z
        .strictObject({estimate: z.number(), lower: z.number(), upper: z.number()})
        .nullable()
        .describe('The rise of the share of failed attempts.'),
      reasons: z
        .array(
          z.strictObject({
            reason: z.string().describe('`status-503`, `refused`, `timeout`: see docs/judgement.md.'),
            count: z.number().int(),
            from: seconds(),
            to: z.number(),
          }),
        )
        .describe('How it failed, the most frequent first.'),
      /** `7 of 40 attempts failed: 503 ×7, from 16:10:22 to 16:10:28 (0 of 45 before, allowed +1%)`. */
      text: z.string(),
    })
    .describe(
      'Whether the target failed more often than before where a value was asked for. Absent where nothing failed.',
    );
