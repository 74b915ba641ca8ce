import {normalQuantile} from '../distributions/normal.js';
import {POWER} from '../effects/detectable.js';
import {meanShift} from '../effects/shift.js';
import {medianInPlace, present, type Bins} from '../series/bins.js';
import {hasTrend} from '../series/trend.js';
import type {Comparison, ComparedDirection} from './comparison.js';

/**
 * A limit of 5 % reaches this many standard errors; one of 1 % reaches farther, and needs less than this beside it to
 * be seen.
 */
const REACH = normalQuantile(0.95);
/** One event of up to this many bins, this many times the usual spread away, is not the noise of a metric. */
const EVENT_BINS = 3;
const FAR = 5;
const MAD_TO_SIGMA = 1.4826;

type ComparedSeries = NonNullable<Comparison['series']>;

function farFrom(values: readonly number[]): (value: number) => boolean {
  const centre = medianInPlace([...values]) ?? 0;
  const spread = MAD_TO_SIGMA * (medianInPlace(values.map(value => Math.abs(value - centre))) ?? 0);
  return value => spread > 0 && Math.abs(value - centre) > FAR * spread;
}

/**
 * The window without its outliers, if they are one short event: that one says nothing about how the next run will vary.
 */
function withoutEvent(bins: Bins): Bins {
  const far = farFrom(present(bins));
  const away = bins.flatMap((value, i) => (value !== null && far(value) ? [i] : []));
  const [first] = away;
  const last = away.at(-1);
  const isEvent = first !== undefined && last !== undefined && last - first < EVENT_BINS;
  return isEvent ? bins.map((value, i) => (i >= first && i <= last ? null : value)) : bins;
}

/**
 * The share of the squared standard error that is left without an event that hit one of the windows; 1 where there was
 * none.
 */
function usualNoise({baseline, fault}: ComparedSeries): number {
  const measured = meanShift(baseline, fault);
  const usual = meanShift(withoutEvent(baseline), withoutEvent(fault));
  if (measured === undefined || usual === undefined || measured.standardError === 0) return 1;
  return Math.min(1, (usual.standardError / measured.standardError) ** 2);
}

/**
 * How many times as long the windows must be for one direction to be proven inside what is allowed, if nothing changed
 * or it stays as it is.
 */
function timesFor({estimate, lower, upper, margin}: ComparedDirection): number {
  // Wholly beyond what is allowed: it is not the width of the interval that stands in the way.
  if (lower > margin) return 0;
  // What seems to have got better may be chance: nobody should count on it.
  const room = margin - Math.max(0, estimate);
  const error = (upper - estimate) / REACH;
  return room > 0 ? (((REACH + normalQuantile(POWER)) * error) / room) ** 2 : Infinity;
}

/**
 * How long both windows must be (bins, seconds or blocks) for another run to prove that the metric held, in the share
 * POWER of runs at least; null where none does: the estimate is beyond what is allowed, the metric has a trend, which
 * no window ends, or buckets hide what is allowed.
 */
export function lengthToSettle({
  directions,
  values,
  series,
  endless,
}: Pick<Comparison, 'directions' | 'values' | 'series' | 'endless'>): number | null {
  if (endless === true) return null;
  if (series !== undefined && (hasTrend(series.baseline) || hasTrend(series.fault))) return null;
  const times = Math.max(...directions.map(timesFor)) * (series === undefined ? 1 : usualNoise(series));
  return Number.isFinite(times) ? Math.ceil(values * times) : null;
}
