import type {Form} from '../signals/derived/spec.js';
import type {MetricSpec} from './experiment.js';

/** The name of the source of metrics that are made of others. */
export const DERIVED = 'metric';

/** What a metric is made of; undefined for those that are measured themselves. */
export function madeOf({
  source,
  parameters,
}: Pick<MetricSpec, 'source' | 'parameters'>): {readonly form: Form; readonly metrics: readonly string[]} | undefined {
  return source === DERIVED ? (parameters as {form: Form; metrics: string[]}) : undefined;
}

const SIGNS = {ratio: ' / ', difference: ' − ', sum: ' + ', share: ' as a share of '} as const;

/** `errors / requests`: how a metric is made of others, for people; undefined for those that are measured. */
export function formulaOf(metric: Pick<MetricSpec, 'source' | 'parameters'>): string | undefined {
  const parts = madeOf(metric);
  return parts?.metrics.map(name => `\`${name}\``).join(SIGNS[parts.form]);
}
