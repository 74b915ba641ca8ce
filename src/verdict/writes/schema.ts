import * as z from 'zod';
import {nullable, texts, verdict} from '../schema-parts.js';

const exampleWrite = () =>
  z.strictObject({
    id: z.string(),
    sentAt: z.string().describe('When it was sent: UTC, ISO 8601.'),
    phase: z.string().describe('The phase of the run in which it was sent.'),
  });

const foundWrites = () =>
  z.strictObject({
    atLeast: z.number(),
    atMost: nullable().describe('More than `atLeast` where something is uncertain; null: nobody knows.'),
    expected: z.string().nullable().describe('The bound of the file; null: only told.'),
    verdict: verdict().nullable().describe('Null: there is no bound.'),
    phases: z.record(z.string(), z.number()).describe('How many of them were sent in which phase.'),
    sent: z
      .strictObject({from: z.string(), to: z.string()})
      .exactOptional()
      .describe('When the first and the last of them were sent: UTC, ISO 8601.'),
    examples: z.array(exampleWrite()).describe('The first ten.'),
  });

/** A check of writes, judged. */
export function writesSchema() {
  return z.strictObject({
    name: z.string(),
    load: z.string(),
    request: z.string().exactOptional(),
    acknowledged: nullable().describe('Writes with a good answer, each id once. Null: nothing was compared.'),
    notAcknowledged: nullable().describe('Requests that failed or timed out and may have been carried out.'),
    lists: z.number().describe('How often what is stored was listed at the end.'),
    late: z.number().describe('Writes that only a later list had.'),
    others: z.number().describe('New entries in the list that no answer named.'),
    lost: foundWrites().exactOptional(),
    doubled: foundWrites().exactOptional(),
    unacknowledged: foundWrites().exactOptional(),
    uncertain: texts().describe('What keeps a number from being exact.'),
    verdict: verdict(),
    why: z.string(),
  });
}
