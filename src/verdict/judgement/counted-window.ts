import {MAX_MISSING} from '../../statistics/least.js';
import type {MetricSpec, ToleranceSpec} from '../../experiment/experiment.js';
import {bucketOfQuantile, mergedCounts, quantileOfCounts} from '../../quantities/prometheus/classic-histogram.js';
import {formatRate} from '../../quantities/rate.js';
import {formatShare} from '../../quantities/share.js';
import type {Sample} from '../../signals/contract.js';
import type {CountedAs} from '../../signals/traits.js';
import {quantity} from '../phrase.js';
import {eventsOf, histogramOf, trafficOf} from './counted.js';
import {numberOf} from '../../statistics/series/bins.js';
import type {WindowDecision, WindowJudgement} from '../result.js';
import {describeBounds, isWithin} from './tolerance.js';

const MIN_BINS = 3;

/** What all the events of a window say together. */
interface Whole {
  readonly value: number;
  /** Where the value lies for certain: a histogram knows a quantile only between two of its bounds. */
  readonly range: readonly [low: number, high: number];
}

function ratioOf(samples: readonly Sample[]): Whole | undefined {
  let [bad, total] = [0, 0];
  for (const {counted} of samples) {
    if (counted === undefined || !('total' in counted)) continue;
    bad += counted.bad;
    total += counted.total;
  }
  return total > 0 ? {value: bad / total, range: [bad / total, bad / total]} : undefined;
}

function quantileOf(samples: readonly Sample[], quantile: number): Whole | undefined {
  const merged = mergedCounts(samples.flatMap(sample => histogramOf(sample) ?? []));
  if (merged === undefined) return undefined;
  const value = quantileOfCounts(merged, quantile);
  const range = bucketOfQuantile(merged, quantile);
  return value === null || range === null ? undefined : {value, range};
}

/** Whether a value that lies above `low` and at most at `high` is inside; null when that cannot be told. */
function isRangeWithin([low, high]: Whole['range'], tolerance: ToleranceSpec): boolean | null {
  if (low === high) return isWithin(high, tolerance);
  const {below = Infinity, above = -Infinity, atLeast = -Infinity, atMost = Infinity, equals} = tolerance;
  if (low >= Math.min(below, atMost) || high <= above || high < atLeast) return false;
  const surely = high <= below && high <= atMost && low >= above && low >= atLeast;
  return equals === undefined && surely ? true : null;
}

const open = (why: string): WindowDecision => ({withinTolerance: null, verdict: 'inconclusive', why});

/** Why the window cannot decide anything; undefined when it can. */
function voidReason({minimumTraffic: floor}: MetricSpec, samples: readonly Sample[]): string | undefined {
  const silent = samples.filter(({counted}) => counted === undefined);
  const seen = samples.length - silent.length;
  if (samples.length === 0) return 'nothing was measured';
  if (silent.length > samples.length * MAX_MISSING) {
    const reason = silent[0]?.why === undefined ? '' : ` (${silent[0].why})`;
    return `${formatShare(silent.length / samples.length)} of the window was not counted${reason}`;
  }
  const traffic = trafficOf(samples) ?? 0;
  if (traffic === 0) return 'no traffic: nothing was counted in this window';
  if (floor !== undefined && traffic < floor)
    return `there was traffic of ${formatRate(traffic)} only; at least ${formatRate(floor)} are needed (minimumTraffic)`;
  return seen < MIN_BINS ? `${seen} values are too few to judge by (at least ${MIN_BINS})` : undefined;
}

function decide(
  metric: MetricSpec,
  tolerance: ToleranceSpec,
  {whole, said}: {readonly whole: Whole; readonly said: string},
): WindowDecision {
  const allowed = describeBounds(tolerance, metric.unit);
  const within = isRangeWithin(whole.range, tolerance);
  if (within !== null)
    return {withinTolerance: within, verdict: within ? 'held' : 'deviated', why: `${said}, allowed ${allowed}`};
  const [low, high] = whole.range.map(bound => quantity(bound, metric.unit));
  return open(
    `${said}, but the buckets only say that it is between ${low ?? ''} and ${high ?? ''}, allowed ${allowed}: put the limit on a bound of the histogram`,
  );
}

/**
 * Judges a metric that is made of counts over one window: its ratio or quantile is that of all events of the window
 * together, never a median of bins. Without traffic, or with less than `minimumTraffic`, it is inconclusive, and so is
 * a limit inside the bucket in which the quantile falls.
 */
export function judgeCountedWindow(
  metric: MetricSpec,
  samples: readonly Sample[],
  counted: CountedAs,
): WindowJudgement {
  const whole = counted.as === 'ratio' ? ratioOf(samples) : quantileOf(samples, counted.quantile);
  const perBin = samples.map(numberOf).filter(value => value !== null);
  const events = samples.reduce((sum, sample) => sum + (eventsOf(sample.counted) ?? 0), 0);
  const seen = samples.filter(sample => sample.counted !== undefined).length;
  const figures = {
    value: whole?.value ?? null,
    min: perBin.length === 0 ? null : perBin.reduce((a, b) => Math.min(a, b)),
    max: perBin.length === 0 ? null : perBin.reduce((a, b) => Math.max(a, b)),
    samples: seen,
    missing: samples.length - seen,
  };
  const reason = voidReason(metric, samples);
  if (reason !== undefined || whole === undefined) {
    const nothing = open(reason ?? 'no traffic: nothing was counted in this window');
    return {...figures, ...nothing, ...(metric.tolerance === undefined ? {verdict: null} : {})};
  }
  const said = `${quantity(whole.value, metric.unit)} over ${Math.round(events)} events`;
  if (metric.tolerance === undefined) return {...figures, withinTolerance: null, verdict: null, why: said};
  return {...figures, ...decide(metric, metric.tolerance, {whole, said})};
}
