import * as z from 'zod';
import {nullable, texts} from '../schema-parts.js';

/** What the targets are connected with, and what the run proved of which metric needs them. */
export function dependenciesSchema() {
  return z.strictObject({
    seen: z
      .array(
        z.strictObject({
          from: z.string().describe('Who opened the connection.'),
          to: z.string().describe('Who was connected to.'),
          port: z.number().int(),
          /** The one of them that is no target. */
          peer: z.enum(['container', 'process', 'host', 'address']),
          way: z.enum(['to', 'from']).describe('Seen from the target.'),
          before: nullable().describe('Connections in the baseline; null: nobody looked.'),
          during: nullable().describe('While the first fault was in force.'),
          after: nullable().describe('At the end.'),
        }),
      )
      .describe('TCP connections of the targets, each time counted once.'),
    unknown: texts().describe('Of which targets the connections are not known, and why.'),
    proven: z
      .array(
        z.strictObject({
          metric: z.string(),
          on: z.array(z.string()).describe('What the fault was on.'),
          occurrence: z.string(),
          kind: z.enum(['hard', 'degrading', 'soft', 'open']),
          /** Seconds since the run's start; null: there is none to go by. */
          from: nullable(),
          to: nullable(),
          why: z.string().describe('One clause with figures.'),
        }),
      )
      .describe('For each injection and each metric that is judged: whether it can do without what the fault was on.'),
  });
}
