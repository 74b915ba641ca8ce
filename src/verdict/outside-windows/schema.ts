import {z} from 'zod';

const seconds = () => z.number().describe("Seconds since the run's start.");

/** The schema of a metric outside its tolerance in the time that it may take to settle. */
export function settlingSchema() {
  return z
    .strictObject({
      from: seconds(),
      to: seconds(),
      allowedSeconds: z.number(),
      outSeconds: z.number().describe('For how long it was outside in all.'),
      lastSeconds: z.number().describe('When it was last seen outside, seconds after `from`.'),
      worst: z.number(),
    })
    .describe('What `settlesWithin` left out of the judgement, where the metric was outside its tolerance in it.');
}

/** The schema of a steady state that was back before the recovery began. */
export function alreadyBackSchema() {
  return z
    .strictObject({afterSeconds: z.number().nullable(), cause: z.string(), beforeSeconds: z.number().nullable()})
    .describe('It was back before the recovery began: when it was last seen away. Null: it was never seen away.');
}
