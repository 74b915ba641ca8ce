import {z} from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import type {Unit} from '../../../quantities/unit.js';
import {unit, unitFrom} from '../fields.js';

export const parameters = () =>
  z
    .strictObject({
      from: z.string().min(1).describe('Name of one of the `sources` of this file that has a `prometheus` address.'),
      query: z
        .string()
        .refine(query => query.trim() !== '', {error: 'expected a PromQL query; got an empty one'})
        .describe(
          'PromQL, evaluated at the time of each read. Must answer with one number, unless there is a `subject`.',
        )
        .meta({examples: ['sum(rate(orders_total[30s]))']}),
      subject: z
        .string()
        .regex(/^[A-Za-z_]\w*$/, 'expected the name of a label such as `pod`')
        .optional()
        .describe('Label that tells the series of the answer apart: one series of the metric for each of its values.'),
      unit: unit(),
    })
    .describe('Asks a Prometheus server an instant query per read.');

export type Parameters = z.output<ReturnType<typeof parameters>>;

export function unitOf(given: JsonObject): Unit {
  return unitFrom(given['unit']);
}

export function worseOf(_given: JsonObject): 'higher' | 'lower' | 'either' {
  return 'either';
}
