import type {MetricSpec} from '../../experiment/experiment.js';
import type {MeasuredData, Span} from './data.js';
import {present} from '../../statistics/series/bins.js';
import {recoveryTime, type RecoveryTime} from '../../statistics/times/recovery-time.js';
import {comparable, tracksOf, type Track} from './track.js';

/**
 * Each limit of a look may be wrong in 2.5 of a hundred: the interval of the time to recover then holds in 95
 * (docs/calibration.md).
 */
export const RECOVERY_ALPHA = 0.025;
/** With fewer values of a baseline its noise is not known, so nothing is proven against it. */
export const MIN_BASELINE_VALUES = 8;

/** Whether one subject of a metric is back within its allowed change of the baseline, on the clock. */
export interface BackInside {
  readonly subject?: string;
  /** The time to recover in all directions that are worse; undefined where the baseline is too short. */
  readonly time: RecoveryTime | undefined;
  readonly track: Track;
}

/** The slower of two directions: the one without an end, or with the later one. */
function slower(a: RecoveryTime, b: RecoveryTime): RecoveryTime {
  return (a.took.atMost ?? Infinity) >= (b.took.atMost ?? Infinity) ? a : b;
}

/** The way back of one subject, from the first bin of `after` on. */
export function wayBack(metric: MetricSpec, baseline: Track, after: Track): RecoveryTime | undefined {
  if (present(baseline.bins).length < MIN_BASELINE_VALUES) return undefined;
  const {of, allowed} = comparable(metric, baseline.bins, after.bins);
  const [first, ...others] = allowed.flatMap(
    ({sign, margin}) => recoveryTime(of(baseline.bins), of(after.bins), {margin, sign, alpha: RECOVERY_ALPHA}) ?? [],
  );
  return first === undefined ? undefined : others.reduce(slower, first);
}

/** The way back of every subject of a metric from `after.fromUs` on. */
export function waysBack(
  metric: MetricSpec,
  data: MeasuredData,
  {baseline, after}: {readonly baseline: Span; readonly after: Span},
): readonly BackInside[] {
  const before = tracksOf(metric, data, baseline);
  return tracksOf(metric, data, after).map(track => {
    const usual = before.find(({subject}) => subject === track.subject);
    return {
      ...(track.subject === undefined ? {} : {subject: track.subject}),
      time: usual && wayBack(metric, usual, track),
      track,
    };
  });
}
