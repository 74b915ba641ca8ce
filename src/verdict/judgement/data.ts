import type {MetricSpec} from '../../experiment/experiment.js';
import type {Series} from '../../record/evidence.js';
import type {LoadSecond, Sample} from '../../signals/contract.js';
import {secondsSeenBy} from '../../signals/load/measure.js';
import {SECOND_US} from '../../quantities/duration.js';

/** What was measured, live or read back: series ordered by time, load seconds of all loads. */
export interface MeasuredData {
  readonly series: readonly Series[];
  readonly loads: readonly LoadSecond[];
}

/** A span of the monotonic clock, µs; `toUs` is exclusive. */
export interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Index of the first entry whose time is not before `us`. */
function lowerBound(samples: readonly Sample[], us: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((samples[middle]?.t ?? Infinity) < us) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The samples whose read was started inside the span; those that stand for a time only when all of it is inside. */
export function samplesIn(series: Series, {fromUs, toUs}: Span): readonly Sample[] {
  const inside = series.samples.slice(lowerBound(series.samples, fromUs), lowerBound(series.samples, toUs));
  return inside.at(-1)?.lasts === undefined ? inside : inside.filter(({t, lasts = 0}) => t + lasts <= toUs);
}

/**
 * How much later than samples of a moment those may come that are told afterwards, µs: two scrapes may be lost; 0 for
 * all others.
 */
export function latenessUs({samples}: Series): number {
  const lasts = samples.at(-1)?.lasts;
  return lasts === undefined ? 0 : 5 * lasts + 3 * SECOND_US;
}

/** The series of a metric: one per subject. */
export function seriesOf(metric: MetricSpec, data: MeasuredData): readonly Series[] {
  return data.series.filter(series => series.metric === metric.name);
}

/** The load a metric is measured on. */
export function loadOf(metric: MetricSpec): string {
  return typeof metric.parameters['of'] === 'string' ? metric.parameters['of'] : '';
}

/** The seconds of a load that lie wholly inside the span, in order. */
export function wholeSecondsIn(
  load: string,
  loads: readonly LoadSecond[],
  {fromUs, toUs}: Span,
): readonly LoadSecond[] {
  return loads
    .filter(second => second.load === load && second.at >= fromUs && second.at + SECOND_US <= toUs)
    .sort((a, b) => a.at - b.at);
}

/**
 * The same of the load that a metric is measured on, with what the metric counts: its one request where it names one.
 */
export function secondsOf(metric: MetricSpec, loads: readonly LoadSecond[], span: Span): readonly LoadSecond[] {
  return secondsSeenBy(metric, wholeSecondsIn(loadOf(metric), loads, span));
}
