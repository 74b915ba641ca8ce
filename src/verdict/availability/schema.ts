import {z} from 'zod';

const attempts = () => z.strictObject({failed: z.number().int(), attempts: z.number().int()});

export const availabilitySchema = () =>
  z
    .strictObject({
      verdict: z.enum(['held', 'deviated', 'inconclusive']),
      subject: z.string().nullable(),
      allowed: z.number().describe('By how much the share of failed attempts may rise.'),
      before: attempts(),
      during: attempts(),
      change: z
        .strictObject({estimate: z.number(), lower: z.number(), upper: z.number()})
        .nullable()
        .describe('The rise of the share of failed attempts.'),
      reasons: z
        .array(
          z.strictObject({
            reason: z.string().describe('`status-503`, `refused`, `timeout`: see docs/judgement.md.'),
            count: z.number().int(),
            from: z.number().describe("Seconds since the run's start."),
            to: z.number(),
          }),
        )
        .describe('How it failed, the most frequent first.'),
      text: z.string(),
    })
    .describe(
      'Whether the target failed more often than before where a value was asked for. Absent where nothing failed.',
    );
