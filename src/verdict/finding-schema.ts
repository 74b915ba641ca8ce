import * as z from 'zod';
import {texts} from './schema-parts.js';

/** The schema of a severity. */
export function severitySchema() {
  return z.enum(['SEV1', 'SEV2', 'SEV3', 'SEV4', 'SEV5']);
}

/** The schema of a proposed action. */
export function actionItemSchema() {
  return z.strictObject({
    /** Verb first. */
    what: z.string(),
    type: z.enum(['detect', 'mitigate', 'prevent', 'process']),
    priority: z.enum(['P1', 'P2', 'P3']),
    owner: z.null(),
  });
}

/** The schema of a finding. */
export function findingSchema() {
  return z.strictObject({
    /** Stable name of the rule: `hypothesis-broken`. */
    code: z.string(),
    subject: z
      .string()
      .exactOptional()
      .describe(
        'What it is about, alike in every run of the experiment: a metric, a check, a fault. Empty: the run as a whole. Absent in results of earlier versions.',
      ),
    title: z.string(),
    severity: severitySchema(),
    /** How the severity came about, with the numbers in it. */
    formula: z.string(),
    /** One sentence with figures. */
    what: z.string(),
    impact: z.string(),
    when: z.strictObject({from: z.string(), to: z.string().nullable()}),
    detection: z.string(),
    recovery: z.string(),
    evidence: z.array(z.strictObject({label: z.string(), value: z.string()})),
    /** Candidates, to be confirmed or rejected by a person. */
    factors: texts(),
    actions: z.array(actionItemSchema()),
    /** Metric whose chart shows it. */
    metric: z.string().nullable(),
  });
}
