import type {CountedAs, ProbeTraits, Smoothing} from '../signals/traits.js';
import {PROBES} from './catalogue.generated.js';
import type {MetricSpec} from './experiment.js';

type Measured = Pick<MetricSpec, 'source' | 'parameters'>;

/** What the probe of this name declares of its numbers; nothing of a load, and of probes that this version lacks. */
export function traitsOf(source: string): ProbeTraits {
  return (Object.hasOwn(PROBES, source) ? PROBES[source]?.traits : undefined) ?? {};
}

/** What the samples of a metric have counted; undefined for those that count nothing. */
export function countedAs({source, parameters}: Measured): CountedAs | undefined {
  return traitsOf(source).countedAs?.(parameters);
}

/** Whether the values of a metric are traffic, as events per second. */
export function isTraffic({source, parameters}: Measured): boolean {
  return traitsOf(source).isTraffic?.(parameters) === true;
}

/** What makes the values of a metric a moving average; empty where nothing does. */
export function smoothingOf({
  source,
  parameters,
  everyMs,
}: Measured & Pick<MetricSpec, 'everyMs'>): readonly Smoothing[] {
  return traitsOf(source).smoothing?.(parameters, everyMs) ?? [];
}

/**
 * Whether the metric is a share of failed requests: its changes are differences of shares, never relative to a baseline
 * of about zero.
 */
export function isErrorShare(metric: Pick<MetricSpec, 'source' | 'parameters'>): boolean {
  const {measure} = metric.parameters;
  if (metric.source === 'load') return measure === 'errors.ratio' || measure === 'errors.rate';
  return countedAs(metric)?.as === 'ratio';
}
