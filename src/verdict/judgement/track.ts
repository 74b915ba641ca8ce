import {isErrorShare} from '../../experiment/traits.js';
import type {MetricSpec} from '../../experiment/experiment.js';
import type {LoadSecond} from '../../signals/contract.js';
import {errorsOf, measureLoad, QUANTILES} from '../../signals/load/measure.js';
import {samplesIn, secondsOf, seriesOf, type MeasuredData, type Span} from './data.js';
import {SECOND_US} from '../../quantities/duration.js';
import {directionsOf} from '../../statistics/decisions/comparison.js';
import type {CountBin} from '../../statistics/effects/counts.js';
import {marginOf, onScale, scaleOf, type Scale} from '../../statistics/effects/scale.js';
import {measureOf} from './load-window.js';
import {binsOf, binSpan, binUsOf} from './measured.js';
import type {AreaEdge} from '../../statistics/times/area.js';
import type {Bins} from '../../statistics/series/bins.js';

/** A sample, or the median of several: it shows the state of one moment of its bin. */
const OF_A_MOMENT: AreaEdge = {over: 0.5, under: 0.5};

/** A metric over a span, bin by bin on the clock: bin `i` lasts from `fromUs + i·binUs` to `fromUs + (i + 1)·binUs`. */
export interface Track {
  /** Where the metric has several. */
  readonly subject?: string;
  readonly fromUs: number;
  readonly binUs: number;
  /** A gap in the data is a missing bin, so that every bin stays in its place. */
  readonly bins: Bins;
  readonly edge: AreaEdge;
}

/**
 * The change that is allowed where the file gives no `deviation`: of the baseline, and of the requests for shares of
 * errors.
 */
const DEFAULT_BY = 0.1;
const DEFAULT_BY_SHARE = 0.01;

/** What the allowed change of a metric is a difference or a share of. */
export function changeTerms(metric: MetricSpec): 'relative' | 'share' | 'unit' {
  if (metric.deviation?.absolute === true) return 'unit';
  return isErrorShare(metric) ? 'share' : 'relative';
}

/**
 * The allowed change of a metric: of its file, or 10 % of the baseline (one of a hundred requests for shares of
 * errors).
 */
export function allowedChange(metric: MetricSpec): number {
  return metric.deviation?.by ?? (isErrorShare(metric) ? DEFAULT_BY_SHARE : DEFAULT_BY);
}

/** The seconds of a load by their place on the clock; undefined where none is on record. */
function inPlace<T>(seconds: readonly LoadSecond[], of: (second: LoadSecond) => T, missing: T): readonly T[] {
  const [first] = seconds;
  const last = seconds.at(-1);
  if (first === undefined || last === undefined) return [];
  const placed = new Array<T>(Math.round((last.at - first.at) / SECOND_US) + 1).fill(missing);
  for (const second of seconds) placed[Math.round((second.at - first.at) / SECOND_US)] = of(second);
  return placed;
}

function valueIn(metric: MetricSpec): (second: LoadSecond) => number | null {
  if (isErrorShare(metric)) {
    return second => {
      const {events, trials} = errorsOf(second);
      return trials === 0 ? null : events / trials;
    };
  }
  const measure = measureOf(metric);
  return second => (measure === undefined ? null : measureLoad([second], measure).value);
}

/** A quantile jumps as soon as so many requests are slow; a share or a mean goes with every request. */
function edgeOf(metric: MetricSpec, seconds: readonly LoadSecond[]): AreaEdge {
  const measure = measureOf(metric);
  if (measure !== undefined && measure in QUANTILES) {
    const quantile = QUANTILES[measure as keyof typeof QUANTILES];
    return {over: quantile, under: 1 - quantile};
  }
  const sent = seconds.reduce((sum, second) => sum + second.sent, 0) / seconds.length;
  const one = sent > 1 ? 1 / sent : 1;
  return {over: one, under: one};
}

/** A metric over a span for each of its subjects; shares of errors as shares, whatever the measure. */
export function tracksOf(metric: MetricSpec, data: MeasuredData, span: Span): readonly Track[] {
  if (metric.source === 'load') {
    const seconds = secondsOf(metric, data.loads, span);
    const bins = inPlace<number | null>(seconds, valueIn(metric), null);
    return [{fromUs: seconds[0]?.at ?? span.fromUs, binUs: SECOND_US, bins, edge: edgeOf(metric, seconds)}];
  }
  const {fromUs} = binSpan(metric, data, span);
  const binUs = binUsOf(metric, data);
  return binsOf(metric, data, span).map(({of: bins, ...subject}) => ({
    ...subject,
    fromUs,
    binUs,
    bins,
    edge: OF_A_MOMENT,
  }));
}

/**
 * Bad events among all, bin by bin: of a load, or of counters that were read as raw samples. Undefined where the metric
 * does not count them.
 */
export function eventsIn(
  metric: MetricSpec,
  data: MeasuredData,
  span: Span,
): {readonly binUs: number; readonly bins: readonly CountBin[]} | undefined {
  if (!isErrorShare(metric)) return undefined;
  if (metric.source === 'load') {
    const bins = inPlace(secondsOf(metric, data.loads, span), errorsOf, NOTHING);
    return {binUs: SECOND_US, bins};
  }
  const samples = seriesOf(metric, data).flatMap(series => samplesIn(series, span));
  const binUs = binUsOf(metric, data);
  const bins = new Array<CountBin>(Math.max(0, Math.round((span.toUs - span.fromUs) / binUs))).fill(NOTHING);
  for (const {t, counted} of samples) {
    const bin = Math.floor((t - span.fromUs) / binUs);
    const before = bins[bin];
    if (before === undefined || counted === undefined || !('bad' in counted)) continue;
    bins[bin] = {events: before.events + counted.bad, trials: before.trials + counted.total};
  }
  return {binUs, bins};
}

const NOTHING: CountBin = {events: 0, trials: 0};

/** A direction in which a metric can get worse, and how far it may go on the scale of the comparison. */
export interface Allowed {
  readonly sign: 1 | -1;
  readonly margin: number;
}

/** How the bins of a metric are compared with its baseline. */
export interface Comparable {
  readonly scale: Scale;
  readonly allowed: readonly Allowed[];
  /** The bins on the scale. */
  readonly of: (bins: Bins) => Bins;
}

/** The scale for all windows of a metric together, and what may change on it. */
export function comparable(metric: MetricSpec, baseline: Bins, ...others: readonly Bins[]): Comparable {
  const share = isErrorShare(metric);
  const absolute = metric.deviation?.absolute === true;
  const scale = share || absolute ? 'level' : scaleOf(baseline, ...others);
  const by = allowedChange(metric);
  const allowed = directionsOf(metric.worse).map(worse => ({
    sign: worse === 'higher' ? (1 as const) : (-1 as const),
    margin: share ? by : marginOf(by, worse, {scale, baseline, absolute}),
  }));
  return {scale, allowed, of: bins => onScale(bins, scale)};
}
