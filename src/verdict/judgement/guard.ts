import type {GuardSpec, MetricSpec} from '../../experiment/experiment.js';
import {guardPatienceMs} from '../../experiment/least.js';
import {formatDuration, SECOND_US} from '../../quantities/duration.js';
import {formatQuantity} from '../../quantities/format.js';
import type {Unit} from '../../quantities/unit.js';
import {latenessUs, loadOf, samplesIn, seriesOf, type MeasuredData} from './data.js';
import {numberOf} from '../../statistics/series/bins.js';
import {loadValue} from './load-window.js';

/** A value of the guarded metric and the moment it is known to hold for (the end of a load's second), monotonic µs. */
interface GuardPoint {
  readonly atUs: number;
  readonly value: number;
}

/**
 * The values a guard looks at, a list per subject, ordered by time. Seconds in which nothing was asked for are left
 * out.
 */
export function guardPoints(metric: MetricSpec, data: MeasuredData): readonly (readonly GuardPoint[])[] {
  if (metric.source === 'load') {
    const load = loadOf(metric);
    const seconds = data.loads.filter(second => second.load === load && second.intended > 0);
    return [
      seconds.flatMap(second => {
        const value = loadValue(metric, [second]);
        return value === null ? [] : [{atUs: second.at + SECOND_US, value}];
      }),
    ];
  }
  return seriesOf(metric, data).map(series =>
    series.samples.flatMap(sample => {
      const value = numberOf(sample);
      return value === null ? [] : [{atUs: sample.t + (sample.lasts ?? 0), value}];
    }),
  );
}

/** `above 25% for 5s`: the condition as people write it. */
export function guardWords({above, below, forMs}: Omit<GuardSpec, 'metric'>, unit: Unit): string {
  const bounds = [
    ...(above === undefined ? [] : [`above ${formatQuantity(above, unit)}`]),
    ...(below === undefined ? [] : [`below ${formatQuantity(below, unit)}`]),
  ];
  return `${bounds.join(' or ')}${forMs === 0 ? '' : ` for ${formatDuration(forMs)}`}`;
}

/** Whether a value is beyond the guard's limit. */
export function exceeds(value: number, {above, below}: Pick<GuardSpec, 'above' | 'below'>): boolean {
  return (above !== undefined && value > above) || (below !== undefined && value < below);
}

/** Since when the limit has been exceeded without a good value in between; undefined when the newest value is fine. */
function exceededSince(points: readonly GuardPoint[], guard: GuardSpec): number | undefined {
  let since: number | undefined;
  for (let i = points.length - 1; i >= 0; i--) {
    const point = points[i];
    if (point === undefined || !exceeds(point.value, guard)) break;
    since = point.atUs;
  }
  return since;
}

/**
 * What a guard says now (monotonic µs): `tripped` when its limit has been exceeded for `forMs` by any subject, `blind`
 * when no value is fresh. Both must stop the run: a guard that sees nothing protects nothing.
 */
export function judgeGuard(
  guard: GuardSpec,
  metric: MetricSpec,
  data: MeasuredData,
  nowUs: number,
): 'ok' | 'tripped' | 'blind' {
  const lateUs = Math.max(0, ...seriesOf(metric, data).map(latenessUs));
  const freshUs = guardPatienceMs(guard, metric) * 1000 + lateUs;
  // A guard is asked several times a second for hours: only what can still decide is looked at.
  const fromUs = nowUs - freshUs - (guard.forMs + 2 * metric.everyMs) * 1000;
  const subjects = guardPoints(metric, since(data, fromUs)).map(points => points.filter(point => point.atUs <= nowUs));
  const tripped = subjects.some(points => {
    const exceededUs = exceededSince(points, guard);
    return exceededUs !== undefined && nowUs - exceededUs >= guard.forMs * 1000;
  });
  if (tripped) return 'tripped';
  const newest = Math.max(...subjects.map(points => points.at(-1)?.atUs ?? -Infinity));
  return nowUs - newest > freshUs ? 'blind' : 'ok';
}

function since({series, loads}: MeasuredData, fromUs: number): MeasuredData {
  return {
    series: series.map(one => ({...one, samples: samplesIn(one, {fromUs, toUs: Infinity})})),
    loads: loads.filter(second => second.at >= fromUs),
  };
}
