import * as z from 'zod';
import {seconds} from '../schema-parts.js';

/** The schema of a metric outside its tolerance in the time that it may take to settle. */
export function settlingSchema() {
  return z
    .strictObject({
      /** The time that was left out: from the injection on, of what lasts from T0. */
      from: seconds(),
      to: seconds(),
      allowedSeconds: z.number(),
      outSeconds: z.number().describe('For how long it was outside in all.'),
      lastSeconds: z.number().describe('When it was last seen outside, seconds after `from`.'),
      /** The value furthest outside, in the metric's unit. */
      worst: z.number(),
    })
    .describe('What `settlesWithin` left out of the judgement, where the metric was outside its tolerance in it.');
}

/** The schema of a steady state that was back before the recovery began. */
export function alreadyBackSchema() {
  return z
    .strictObject({
      /** Since the injection before it. */
      afterSeconds: z.number().nullable(),
      /** What that counts from: `the kill`. */
      cause: z.string(),
      /** How long before the undo that was. */
      beforeSeconds: z.number().nullable(),
    })
    .describe('It was back before the recovery began: when it was last seen away. Null: it was never seen away.');
}
