import type {MetricSpec} from '../../experiment/experiment.js';
import type {LoadSecond} from '../../signals/contract.js';
import {errorsOf, latenciesOf, measureLoad, QUANTILES} from '../../signals/load/measure.js';
import {samplesIn, SECOND_US, secondsOf, seriesOf, type MeasuredData, type Span} from './data.js';
import type {Measured} from './decisions/metric.js';
import {measureOf} from './load-window.js';
import {binned, type Bins} from './series/bins.js';

/** The two windows that are compared. */
export interface Windows {
  readonly baseline: Span;
  readonly fault: Span;
}

/** What belongs to one subject of a metric; metrics without subjects have one entry without a name. */
export interface OfSubject<T> {
  readonly subject?: string;
  readonly of: T;
}

/** How long a bin of this metric is, µs: a second, or the time between two samples where that is longer. */
export function binUsOf(metric: MetricSpec): number {
  return metric.source === 'load' ? SECOND_US : Math.max(SECOND_US, metric.everyMs * 1000);
}

function perSecond(metric: MetricSpec, seconds: readonly LoadSecond[]): Bins {
  const measure = measureOf(metric);
  return measure === undefined ? [] : seconds.map(second => measureLoad([second], measure).value);
}

/** A metric over a window, bin by bin, for each of its subjects: what the gate, the detector and the times work on. */
export function binsOf(metric: MetricSpec, data: MeasuredData, span: Span): readonly OfSubject<Bins>[] {
  if (metric.source === 'load') return [{of: perSecond(metric, secondsOf(metric, data.loads, span))}];
  return seriesOf(metric, data).map(series => ({
    ...(series.subject === undefined ? {} : {subject: series.subject}),
    of: binned(samplesIn(series, span), span, binUsOf(metric)),
  }));
}

/**
 * What was measured of a metric in both windows, as it is compared: quantiles and errors over all requests, everything else over bins. A subject
 * is there when it was measured in either of them.
 */
export function measuredOf(
  metric: MetricSpec,
  data: MeasuredData,
  {baseline, fault}: Windows,
): readonly OfSubject<Measured>[] {
  if (metric.source === 'load') {
    const [before, during] = [baseline, fault].map(span => secondsOf(metric, data.loads, span));
    return [{of: ofLoad(metric, before ?? [], during ?? [])}];
  }
  const before = binsOf(metric, data, baseline);
  return binsOf(metric, data, fault).map(({subject, of}, i) => ({
    ...(subject === undefined ? {} : {subject}),
    of: {kind: 'bins', baseline: before[i]?.of ?? [], fault: of},
  }));
}

function ofLoad(metric: MetricSpec, baseline: readonly LoadSecond[], fault: readonly LoadSecond[]): Measured {
  const measure = measureOf(metric);
  if (measure === 'errors.ratio' || measure === 'errors.rate') {
    return {kind: 'counts', baseline: baseline.map(errorsOf), fault: fault.map(errorsOf)};
  }
  if (measure !== undefined && measure in QUANTILES && measure !== 'latency.max') {
    const quantile = QUANTILES[measure as keyof typeof QUANTILES];
    return {kind: 'latency', quantile, baseline: baseline.map(latenciesOf), fault: fault.map(latenciesOf)};
  }
  return {kind: 'bins', baseline: perSecond(metric, baseline), fault: perSecond(metric, fault)};
}
