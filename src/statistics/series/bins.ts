import {SECOND_US} from '../../quantities/duration.js';

/** A value of a moment (`t`, µs on the clock of the span); null, or not a finite number, where it is missing. */
export interface TimedValue {
  readonly t: number;
  readonly value: number | null;
}

/** The number of a value; null where it has none that one can judge. */
export function numberOf({value}: Pick<TimedValue, 'value'>): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

/**
 * A window of a metric in bins of equal length. A bin without a value is null: missing, never zero and never carried
 * forward.
 */
export type Bins = readonly (number | null)[];

/** The middle value of a list, which is sorted in place; null for an empty one. */
export function medianInPlace(values: number[]): number | null {
  values.sort((a, b) => a - b);
  const high = values[Math.floor(values.length / 2)];
  const low = values[Math.ceil(values.length / 2) - 1];
  return high === undefined || low === undefined ? null : (high + low) / 2;
}

/**
 * Samples as bins: the median of those whose read was started inside each bin (ten values a second become one median).
 * The samples are ordered by time; a rest shorter than a bin at the end of the span is left out.
 */
export function binned(
  samples: Iterable<TimedValue>,
  {fromUs, toUs}: {readonly fromUs: number; readonly toUs: number},
  binUs: number = SECOND_US,
): Bins {
  const bins: (number | null)[] = new Array<number | null>(Math.max(0, Math.floor((toUs - fromUs) / binUs))).fill(null);
  let at = -1;
  let inside: number[] = [];
  const close = () => {
    if (inside.length > 0) bins[at] = medianInPlace(inside);
    inside = [];
  };
  for (const sample of samples) {
    const bin = Math.floor((sample.t - fromUs) / binUs);
    const value = numberOf(sample);
    if (value === null || bin < 0 || bin >= bins.length) continue;
    if (bin !== at) close();
    at = bin;
    inside.push(value);
  }
  close();
  return bins;
}

/** The bins that have a value. */
export function present(bins: Bins): readonly number[] {
  return bins.filter(value => value !== null);
}

/** The share of bins without a value; 1 for an empty window. */
export function missingShare(bins: Bins): number {
  return bins.length === 0 ? 1 : 1 - present(bins).length / bins.length;
}

/** The mean over the subjects that have a value, bin by bin. */
export function together(subjects: readonly Bins[]): Bins {
  const length = Math.max(0, ...subjects.map(bins => bins.length));
  return Array.from({length}, (_, i) => {
    const values = subjects.flatMap(bins => bins[i] ?? []);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  });
}
