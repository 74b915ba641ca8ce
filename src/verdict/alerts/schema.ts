import * as z from 'zod';
import {maybeVerdict} from '../schema-parts.js';

/** Seconds as an interval; `atMost` null: it had not happened when the run ended. */
const tookSchema = () => z.strictObject({atLeast: z.number(), atMost: z.number().nullable()});

/** What was seen of an alert that the file names. */
export function alertSchema() {
  return z.strictObject({
    alert: z.string().describe('Its name, with the labels that the file asks for.'),
    from: z.string().describe('Name of the source.'),
    role: z.enum(['expected', 'forbidden', 'guard']),
    when: z.enum(['always', 'deviated']).exactOptional().describe('Of an expected one: when it must fire.'),
    outcome: z
      .enum([
        'in-time',
        'late',
        'never-fired',
        'pending-only',
        'no-rule',
        'rule-unhealthy',
        'silenced',
        'inhibited',
        'muted',
        'not-routed',
        'wrong-receiver',
        'already-firing',
        'not-due',
        'too-coarse',
        'unread',
        'fired',
        'quiet',
      ])
      .describe('Of an expected alert how it fired, or why not; of another whether it fired.'),
    withinSeconds: z.number().exactOptional().describe('How soon it must fire.'),
    pendingSeconds: tookSchema()
      .nullable()
      .describe('From the injection until its condition was seen to be true. Null: it was not.'),
    firedSeconds: tookSchema().nullable().describe('From the injection until it was seen firing. Null: it was not.'),
    receiver: z.string().exactOptional().describe('To whom the Alertmanager must route it.'),
    routedSeconds: tookSchema()
      .nullable()
      .exactOptional()
      .describe('From the injection until the Alertmanager had it and routed it as asked. Absent without one.'),
    resolution: z.enum(['in-time', 'late', 'never', 'unread', 'too-coarse']).exactOptional(),
    resolvesWithinSeconds: z.number().exactOptional().describe('How soon after the last injection it must be over.'),
    resolvedSeconds: tookSchema()
      .nullable()
      .describe('From the end of the last injection until it was seen not firing any more. Null: it did not fire.'),
    rule: z
      .strictObject({forSeconds: z.number(), everySeconds: z.number(), error: z.string().exactOptional()})
      .nullable()
      .describe('How its rule is evaluated, as last seen. Null: there is none.'),
    verdict: maybeVerdict(),
    why: z.string(),
  });
}
