import {lifeOf, needsUp, type Life, type ScrapeTiming} from '../../../quantities/prometheus/life.js';
import {targetOf, type RawSeries} from '../../../quantities/prometheus/series.js';
import type {Recalled} from './memory.js';
import type {PrometheusAnswer, PrometheusServer} from './server.js';

interface LivesInput {
  /** The series of each selector. */
  readonly recalled: readonly (readonly Recalled[])[];
  /** Start of the time that was read. */
  readonly fromMs: number;
  readonly kind: 'counter' | 'gauge';
  readonly timing: ScrapeTiming;
}

/** `up` of more targets than this is asked for without naming them. */
const MOST_NAMED = 50;
/** How far back `up` is read for a series that is silent, ms. */
const LONGEST_MS = 3_600_000;

/** A text as part of a regular expression of PromQL. */
const quoted = (text: string) => text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);

function upSelector(series: readonly RawSeries[]): string {
  if (series.length > MOST_NAMED) return 'up';
  const any = (label: 'job' | 'instance') =>
    JSON.stringify([...new Set(series.map(({labels}) => quoted(labels[label] ?? '')))].join('|'));
  return `up{job=~${any('job')},instance=~${any('instance')}}`;
}

/**
 * What became of each series. Where one begins, restarts or is silent, `up` of its target is read as well: it tells
 * whether the target was scraped without the series, could not be scraped, or is no longer there.
 */
export async function livesOf(
  server: PrometheusServer,
  {recalled, fromMs, kind, timing}: LivesInput,
  signal: AbortSignal,
): Promise<PrometheusAnswer<readonly (readonly Life[])[]>> {
  const all = recalled.flat();
  const newestMs = Math.max(...all.map(({samples}) => samples.at(-1)?.atMs ?? -Infinity));
  const doubtful = all.filter(
    one => targetOf(one.labels) !== undefined && needsUp(one, {sinceMs: fromMs, newestMs, known: one.known}, timing),
  );
  const since = Math.min(fromMs, ...doubtful.map(({samples}) => samples.at(-1)?.atMs ?? fromMs));
  const window = {fromMs: Math.max(since - timing.intervalMs, timing.nowMs - LONGEST_MS), toMs: timing.nowMs};
  const ups = doubtful.length === 0 ? [] : await server.raw(upSelector(doubtful), window, signal);
  if ('why' in ups) return ups;
  const byTarget = new Map(ups.map(({labels, samples}) => [targetOf(labels), samples]));
  return recalled.map(series => series.map(one => lifeOf(one, byTarget.get(targetOf(one.labels)) ?? [], kind, timing)));
}
