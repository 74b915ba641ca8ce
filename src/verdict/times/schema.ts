import * as z from 'zod';
import {between, nullable, terms} from '../schema-parts.js';

const seconds = (what: string) => z.number().describe(what);

const estimate = () =>
  z
    .strictObject({estimate: z.number(), lower: z.number(), upper: z.number()})
    .describe('Each limit is wrong in one of a hundred runs at most.');

const recovery = () =>
  z.strictObject({
    atLeast: seconds('Not back before.'),
    atMost: nullable().describe('Proven back by then. Null: longer than was watched.'),
    relapsedBy: z.number().exactOptional().describe('After a relapse: by then it was proven to be away again.'),
  });

const area = () =>
  z.strictObject({
    from: seconds('Seconds after T0.'),
    to: seconds('Seconds after T0.'),
    relative: estimate()
      .nullable()
      .describe('In baseline-seconds: 30 is as much as 30 s at twice the baseline. Null: the baseline is about zero.'),
    absolute: estimate().describe(
      "In the metric's unit times seconds; of shares of errors, seconds in which everything fails.",
    ),
  });

/** The times of one metric and occurrence; of several subjects, of the one that was away longest. */
const metricTimes = () =>
  z.strictObject({
    metric: z.string(),
    occurrence: z.string(),
    subject: z.string().exactOptional(),
    allowed: z
      .strictObject({by: z.number(), of: terms()})
      .describe(
        "The change from which it counts as a deviation: against the baseline, as a share of the requests or in the metric's unit.",
      ),
    onset: between()
      .nullable()
      .describe(
        'Seconds after T0: when it began at the earliest (below 0: between the request and T0), and when it was proven. Null: none was proven.',
      ),
    unknown: z.string().exactOptional().describe('Why no onset could be looked for.'),
    recovered: recovery()
      .nullable()
      .describe(
        'Seconds after the undo, or T0 where the platform heals. Null: nothing to come back from, or not watched.',
      ),
    tolerated: between()
      .nullable()
      .describe(
        'The same by its tolerance, which decides where there is one. Null: it was not inside again, or never left it.',
      ),
    /** Of what happens once: seconds after its request. */
    toleratedBeforeUndo: z
      .number()
      .exactOptional()
      .describe('Inside its tolerance again before the undo: when it was last seen outside, seconds after T0.'),
    recoveries: z.array(recovery()).describe('More than one: it relapsed. The last one is `recovered`.'),
    watchedSeconds: nullable(),
    area: area().nullable().describe('Deviation times duration; positive is worse.'),
    text: z.string(),
  });

/** What one occurrence cost the requests of a load, from its injection until the metrics of the load were back. */
const losses = () =>
  z.strictObject({
    load: z.string(),
    occurrence: z.string(),
    from: seconds('Seconds after T0.'),
    to: seconds('Seconds after T0.'),
    sent: z.number().int(),
    failed: z.number().int(),
    lost: estimate().describe("Failures above what the baseline's share would have given."),
    notServed: estimate()
      .nullable()
      .describe("Answers short of the baseline's throughput. Null: the pace was not the same."),
    text: z.string(),
  });

const budget = () =>
  z.strictObject({
    metric: z.string(),
    target: z.number().describe('Share of good events that is promised.'),
    windowSeconds: z.number(),
    /** From the first injection to the end of the recovery. */
    spent: z.number().describe("Share of the window's budget that this run used up."),
    /** Null: nothing was measured then. */
    burnRate: nullable().describe('While the faults were in force; 1 uses the budget up in exactly the window.'),
    usedUpInSeconds: nullable().describe('At that rate. Null: without failures.'),
    /** With the baseline as the history before the run. */
    alerts: z
      .array(
        z.strictObject({
          longSeconds: z.number(),
          shortSeconds: z.number(),
          rate: z.number(),
          kind: z.enum(['page', 'ticket']),
          firedAfterSeconds: nullable().describe(
            'After the first injection; 0: it was firing already. Null: it would not have fired.',
          ),
        }),
      )
      .describe('The recommended alerts of the SRE workbook.'),
    text: z.string(),
  });

/** The schema of a result's times: part of the result's own. */
export function timesSchema() {
  return z
    .strictObject({
      metrics: z.array(metricTimes()),
      loads: z.array(losses()),
      budget: budget().nullable().describe('Null: the file gives no `objective`, or nothing is known of it.'),
    })
    .describe('When the metrics deviated and were back, and what was lost.');
}
