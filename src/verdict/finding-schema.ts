import {z} from 'zod';

const texts = () => z.array(z.string());

/** The schema of a severity. */
export function severitySchema() {
  return z.enum(['SEV1', 'SEV2', 'SEV3', 'SEV4', 'SEV5']);
}

/** The schema of a proposed action. */
export function actionItemSchema() {
  return z.strictObject({
    what: z.string(),
    type: z.enum(['detect', 'mitigate', 'prevent', 'process']),
    priority: z.enum(['P1', 'P2', 'P3']),
    owner: z.null(),
  });
}

/** The schema of a finding. */
export function findingSchema() {
  return z.strictObject({
    code: z.string(),
    title: z.string(),
    severity: severitySchema(),
    formula: z.string(),
    what: z.string(),
    impact: z.string(),
    when: z.strictObject({from: z.string(), to: z.string().nullable()}),
    detection: z.string(),
    recovery: z.string(),
    evidence: z.array(z.strictObject({label: z.string(), value: z.string()})),
    factors: texts(),
    actions: z.array(actionItemSchema()),
    metric: z.string().nullable(),
  });
}
