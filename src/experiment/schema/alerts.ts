import * as z from 'zod';
import {lasting, name} from './fields.js';

/** What names an alert: also of a guard, which is read field by field. */
export const alertFields = () => ({
  alert: name().describe('Name of the alerting rule (its label `alertname`).'),
  from: name().describe('Name of an entry of `sources` with a `prometheus` address.'),
  labels: z
    .record(z.string(), z.string())
    .default({})
    .describe('Only what has these labels too: `{severity: page}`. Default: whatever has the name.'),
});

export const expectedAlert = () =>
  z.strictObject({
    ...alertFields(),
    when: z
      .enum(['always', 'deviated'])
      .default('deviated')
      .describe('`deviated`: only when the steady state deviates under the fault; `always`: in any case.'),
    within: lasting().describe('It must fire so long after the fault is in force.'),
    resolvesWithin: lasting().optional().describe('It must be over so long after the end of the last injection.'),
    receiver: name().optional().describe('Receiver of the Alertmanager to which it must be routed; the source needs an `alertmanager` address.'),
  });

export const forbiddenAlert = () => z.strictObject(alertFields());

/** An entry of `expect.alerts` as it is written. */
export type WrittenAlert = z.output<ReturnType<typeof expectedAlert>>;
