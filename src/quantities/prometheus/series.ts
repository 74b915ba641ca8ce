import type {RawSample} from './counter.js';

/** One series with the samples of some time, ordered by it. */
export interface RawSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly RawSample[];
}

/** Tells series apart: their labels, in one order. */
export function keyOf(labels: RawSeries['labels']): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What Prometheus scraped the series from (one entry of `up`); undefined where the labels do not tell. */
export function targetOf({job, instance}: RawSeries['labels']): string | undefined {
  return job === undefined || instance === undefined ? undefined : JSON.stringify([job, instance]);
}

/** The labels as people know them, without the name of the metric: `{instance="shop:8080", job="shop"}`. */
export function labelsText({__name__: _, ...labels}: RawSeries['labels']): string {
  return shownLabels(labels);
}

/** The first three labels: `{__name__="up", instance="shop:8080", job="shop", …}`. */
export function shownLabels(labels: RawSeries['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `{${pairs.slice(0, 3).join(', ')}${pairs.length > 3 ? ', …' : ''}}`;
}

/** The series by the value of a label; all of them under `undefined` where no label is given. */
export function bySubject<T extends Pick<RawSeries, 'labels'>>(
  series: readonly T[],
  label: string | undefined,
): ReadonlyMap<string | undefined, readonly T[]> {
  const groups = new Map<string | undefined, T[]>();
  for (const one of series) {
    const subject = label === undefined ? undefined : (one.labels[label] ?? '');
    groups.set(subject, [...(groups.get(subject) ?? []), one]);
  }
  return groups;
}

/**
 * The usual distance of two samples of a series, ms: their median, as it was meant (scrapes jitter). Undefined with no
 * two samples.
 */
export function scrapeIntervalOf(series: readonly RawSeries[]): number | undefined {
  const distances = series
    .flatMap(({samples}) => samples.slice(1).map(({atMs}, i) => atMs - (samples[i]?.atMs ?? NaN)))
    .filter(distance => distance > 0)
    .sort((a, b) => a - b);
  const median = distances[Math.floor((distances.length - 1) / 2)];
  if (median === undefined) return undefined;
  return median < 500 ? Math.max(1, Math.round(median / 10) * 10) : Math.round(median / 100) * 100;
}
