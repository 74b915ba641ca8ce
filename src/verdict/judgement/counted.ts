import type {MetricSpec} from '../../experiment/experiment.js';
import {isTraffic} from '../../experiment/traits.js';
import type {CumulativeCounts} from '../../quantities/prometheus/classic-histogram.js';
import type {Counted, Sample} from '../../signals/contract.js';
import type {MeasuredData, Span} from './data.js';
import {samplesIn, seriesOf} from './data.js';
import {SECOND_US} from '../../quantities/duration.js';
import {numberOf} from '../../statistics/series/bins.js';

/** How many events a sample has counted; undefined where it has counted none or was not able to. */
export function eventsOf(counted: Counted | undefined): number | undefined {
  if (counted === undefined) return undefined;
  return 'total' in counted ? counted.total : counted.counts.at(-1);
}

/** The observations of a sample as a histogram; undefined where it has none. */
export function histogramOf({counted}: Sample): CumulativeCounts | undefined {
  return counted !== undefined && 'bounds' in counted
    ? {bounds: [...counted.bounds, Infinity], counts: counted.counts}
    : undefined;
}

/** Events per second over the time that samples stand for; undefined where nothing was counted at all. */
export function trafficOf(samples: readonly Sample[]): number | undefined {
  let [events, us] = [0, 0];
  for (const {counted, lasts = 0} of samples) {
    const some = eventsOf(counted);
    if (some === undefined) continue;
    events += some;
    us += lasts;
  }
  return us === 0 ? undefined : (events * SECOND_US) / us;
}

/** Events per second of a metric in a window, of all its subjects together; undefined for metrics that count none. */
export function trafficIn(metric: MetricSpec, data: MeasuredData, span: Span): number | undefined {
  const each = seriesOf(metric, data).flatMap(series => trafficOf(samplesIn(series, span)) ?? []);
  return each.length === 0 ? undefined : each.reduce((sum, traffic) => sum + traffic, 0);
}

/**
 * The mean of a rate of which less is worse, of all its subjects together: it is traffic itself. It has to be there
 * before the fault; what is missing of it during the fault is the deviation. Undefined for other metrics, and where
 * nothing was measured.
 */
export function usualRate(metric: MetricSpec, data: MeasuredData, span: Span): number | undefined {
  if (!isTraffic(metric) || metric.worse !== 'lower') return undefined;
  const means = seriesOf(metric, data).flatMap(series => {
    const values = samplesIn(series, span).flatMap(sample => numberOf(sample) ?? []);
    return values.length === 0 ? [] : values.reduce((sum, value) => sum + value, 0) / values.length;
  });
  return means.length === 0 ? undefined : means.reduce((sum, mean) => sum + mean, 0);
}
