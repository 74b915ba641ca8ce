import {countedAs} from '../../experiment/traits.js';
import type {MetricSpec} from '../../experiment/experiment.js';
import {binMs} from '../../experiment/least.js';
import type {LoadSecond, Sample} from '../../signals/contract.js';
import {errorsOf, latenciesOf, measureLoad, QUANTILES} from '../../signals/load/measure.js';
import type {Series} from '../../record/evidence.js';
import type {CountedAs} from '../../signals/traits.js';
import {histogramOf} from './counted.js';
import {samplesIn, secondsOf, seriesOf, type MeasuredData, type Span} from './data.js';
import type {Measured} from '../../statistics/decisions/metric.js';
import type {CountBin} from '../../statistics/effects/counts.js';
import {flowIn} from './capacity-window.js';
import {measureOf} from './load-window.js';
import {binned, type Bins} from '../../statistics/series/bins.js';

/** The two windows that are compared. */
export interface ComparedWindows {
  readonly baseline: Span;
  readonly fault: Span;
}

/** What belongs to one subject of a metric; metrics without subjects have one entry without a name. */
export interface OfSubject<T> {
  readonly subject?: string;
  readonly of: T;
}

/**
 * How long a bin of this metric is, µs: a second, or the time between two samples where that is longer, or, once
 * something was measured, the time that a sample stands for.
 */
export function binUsOf(metric: MetricSpec, data?: MeasuredData): number {
  const lasts = data === undefined ? [] : seriesOf(metric, data).map(({samples}) => samples.at(-1)?.lasts ?? 0);
  return Math.max(binMs(metric) * 1000, ...(metric.source === 'load' ? [] : lasts));
}

/** A window of a metric as its bins lie in it: those that were told afterwards begin when their time began. */
export function binSpan(metric: MetricSpec, data: MeasuredData, span: Span): Span {
  const firsts = seriesOf(metric, data).flatMap(series => samplesIn(series, span)[0] ?? []);
  const told = firsts.filter(({lasts}) => lasts !== undefined).map(({t}) => t);
  const fromUs = Math.min(...told);
  return fromUs < span.fromUs + binUsOf(metric, data) ? {fromUs, toUs: span.toUs} : span;
}

function perSecond(metric: MetricSpec, seconds: readonly LoadSecond[]): Bins {
  const measure = measureOf(metric);
  return measure === undefined ? [] : seconds.map(second => measureLoad([second], measure).value);
}

function nameOf({subject}: Series): {readonly subject?: string} {
  return subject === undefined ? {} : {subject};
}

/** A metric over a window, bin by bin, for each of its subjects: what the gate, the detector and the times work on. */
export function binsOf(metric: MetricSpec, data: MeasuredData, span: Span): readonly OfSubject<Bins>[] {
  if (metric.source === 'load') return [{of: perSecond(metric, secondsOf(metric, data.loads, span))}];
  const binUs = binUsOf(metric, data);
  const inPlace = binSpan(metric, data, span);
  return seriesOf(metric, data).map(series => ({
    ...nameOf(series),
    of: binned(samplesIn(series, span), inPlace, binUs),
  }));
}

/**
 * What was measured of a metric in both windows, as it is compared: quantiles and errors over all that was counted,
 * everything else over bins. A subject is there when it was measured in either of them.
 */
export function measuredOf(
  metric: MetricSpec,
  data: MeasuredData,
  {baseline, fault}: ComparedWindows,
): readonly OfSubject<Measured>[] {
  if (measureOf(metric) === 'capacity') {
    const [before, during] = [baseline, fault].map(span => flowIn(metric, data, span));
    return [{of: {kind: 'capacity', baseline: before ?? [], fault: during ?? []}}];
  }
  if (metric.source === 'load') {
    const [before, during] = [baseline, fault].map(span => secondsOf(metric, data.loads, span));
    return [{of: ofLoad(metric, before ?? [], during ?? [])}];
  }
  const counted = countedAs(metric);
  if (counted !== undefined) {
    return seriesOf(metric, data).map(series => ({
      ...nameOf(series),
      of: ofCounted(counted, samplesIn(series, baseline), samplesIn(series, fault)),
    }));
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

function countBins(samples: readonly Sample[]): readonly CountBin[] {
  return samples.flatMap(({counted}) =>
    counted !== undefined && 'total' in counted ? [{events: counted.bad, trials: counted.total}] : [],
  );
}

function ofCounted(counted: CountedAs, baseline: readonly Sample[], fault: readonly Sample[]): Measured {
  if (counted.as === 'quantile') {
    const bins = (samples: readonly Sample[]) => samples.map(sample => histogramOf(sample) ?? null);
    return {kind: 'buckets', quantile: counted.quantile, baseline: bins(baseline), fault: bins(fault)};
  }
  const [before, during] = [countBins(baseline), countBins(fault)];
  const missing = (all: readonly Sample[], some: readonly CountBin[]) =>
    all.length === 0 ? 0 : 1 - some.length / all.length;
  return {
    kind: 'counts',
    baseline: before,
    fault: during,
    missing: Math.max(missing(baseline, before), missing(fault, during)),
  };
}
