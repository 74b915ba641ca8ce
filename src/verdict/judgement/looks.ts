import type {MetricSpec} from '../../experiment/experiment.js';
import {bucketMiddle} from '../../quantities/histogram.js';
import type {LoadSecond} from '../../signals/contract.js';
import {errorsOf, secondsSeenBy} from '../../signals/load/measure.js';
import {isTargetFailure} from './availability.js';
import {latenessUs, loadOf, samplesIn, seriesOf, wholeSecondsIn, type MeasuredData, type Span} from './data.js';
import {SECOND_US} from '../../quantities/duration.js';
import {numberOf} from '../../statistics/series/bins.js';
import {totalOf} from '../../statistics/effects/counts.js';
import {MIN_SENT} from './generator.js';
import {loadValue} from './load-window.js';
import {isWithin} from './tolerance.js';

/** One look at a metric: a sample, or one second of a load. `good` is null when it has no value. */
interface MetricLook {
  readonly fromUs: number;
  readonly toUs: number;
  readonly good: boolean | null;
  /** It has none because the target failed. */
  readonly failed?: boolean;
}

export interface LookTrack {
  readonly name: string;
  readonly looks: readonly MetricLook[];
  /** Longest time between two looks that still counts as watching, µs. */
  readonly gapUs: number;
  /** How old the newest look may be, µs. */
  readonly patienceUs: number;
  /** What a look that is not good says. */
  readonly otherwise: string;
}

/** The longest wait for an answer. A second is on record only once all its requests are answered or timed out. */
export function slowestUs(seconds: readonly LoadSecond[]): number {
  const buckets = seconds.flatMap(second => Object.values(second.outcomes).map(outcome => outcome.at(-1)?.[0] ?? 0));
  return bucketMiddle(buckets.reduce((a, b) => Math.max(a, b), 0));
}

export interface WatchedSpan extends Span {
  readonly stableUs: number;
}

/** Whether some seconds of a load are good; null where they have no value. */
type Within = (some: readonly LoadSecond[]) => boolean | null;

export const OUTSIDE = 'outside its tolerance';
export const STILL_FAILS = 'its target still fails';

export function insideTolerance(metric: MetricSpec): Within {
  return some => {
    const value = loadValue(metric, some);
    if (value === null) return null;
    return isWithin(value, metric.tolerance ?? {}) && some.every(second => second.sent >= second.intended * MIN_SENT);
  };
}

/** Whether no more requests fail than in the baseline and what is allowed beyond that. */
export function answered(metric: MetricSpec, baseline: readonly LoadSecond[], allowed: number): Within {
  const share = (some: readonly LoadSecond[]): number | null => {
    const {events, trials} = totalOf(secondsSeenBy(metric, some).map(errorsOf));
    return trials === 0 ? null : events / trials;
  };
  const limit = (share(baseline) ?? 0) + allowed;
  return some => {
    const failed = share(some);
    return failed === null ? null : failed <= limit;
  };
}

/**
 * One second alone may be out by chance (a p99 over 50 requests is their maximum), so a second counts as good also when
 * it is inside a time of `stableUs` before it that as a whole is within the tolerance. Directly after the undo there is
 * no such time.
 */
export function loadTrack(
  metric: MetricSpec,
  data: MeasuredData,
  {span, within, otherwise}: {readonly span: WatchedSpan; readonly within: Within; readonly otherwise: string},
): LookTrack {
  const seconds = wholeSecondsIn(loadOf(metric), data.loads, span);
  const goodAt = (second: LoadSecond, i: number): boolean | null => {
    const toUs = second.at + SECOND_US;
    const most = Math.ceil(span.stableUs / SECOND_US);
    const before = seconds.slice(Math.max(0, i + 1 - most), i + 1).filter(other => other.at >= toUs - span.stableUs);
    const covered = toUs - (before[0]?.at ?? toUs) >= span.stableUs;
    const good = within([second]);
    return good === false && covered ? within(before) : good;
  };
  let last: boolean | null = null;
  const looks = seconds.map((second, i) => {
    // A slow pace leaves seconds in which nothing was asked for: they are as good as the one before.
    last = second.intended === 0 ? last : goodAt(second, i);
    return {fromUs: second.at, toUs: second.at + SECOND_US, good: last};
  });
  return {
    name: metric.name,
    looks,
    gapUs: SECOND_US / 2,
    patienceUs: 5 * SECOND_US + Math.max(metric.timeoutMs * 1000, slowestUs(seconds)),
    otherwise,
  };
}

/**
 * A single sample outside between two that are inside is an outlier, as it is in every other window. One of which the
 * target failed is so only where it failed no other time within `stableUs`: else it fails again and again.
 */
function forgiveSingles(looks: readonly MetricLook[], stableUs: number): readonly MetricLook[] {
  const failures = looks.filter(({failed}) => failed === true).map(({fromUs}) => fromUs);
  const again = ({fromUs}: MetricLook) => failures.filter(other => Math.abs(other - fromUs) <= stableUs).length > 1;
  return looks.map((look, i) => {
    const single = look.good === false && looks[i - 1]?.good === true && looks[i + 1]?.good === true;
    return single && !(look.failed === true && again(look)) ? {...look, good: true} : look;
  });
}

export function sampleTracks(metric: MetricSpec, data: MeasuredData, span: WatchedSpan): readonly LookTrack[] {
  const tolerance = metric.tolerance ?? {};
  const tracks = seriesOf(metric, data).map(series => ({
    name: series.subject === undefined ? metric.name : `${metric.name} of ${series.subject}`,
    looks: forgiveSingles(
      samplesIn(series, span).map(sample => {
        const value = numberOf(sample);
        const toUs = sample.t + (sample.lasts ?? sample.d);
        const failed = isTargetFailure(sample);
        const missing = failed ? false : null;
        return {fromUs: sample.t, toUs, failed, good: value === null ? missing : isWithin(value, tolerance)};
      }),
      span.stableUs,
    ),
    otherwise: metric.tolerance === undefined ? STILL_FAILS : OUTSIDE,
    gapUs: (2.5 * metric.everyMs + metric.timeoutMs) * 1000,
    patienceUs: (Math.max(3 * metric.everyMs, 5000) + metric.timeoutMs) * 1000 + latenessUs(series),
  }));
  return tracks.length > 0 ? tracks : [{name: metric.name, looks: [], gapUs: 0, patienceUs: 0, otherwise: OUTSIDE}];
}
