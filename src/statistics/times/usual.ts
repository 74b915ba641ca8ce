import type {WindowSide} from '../effects/shift.js';
import type {Bins} from '../series/bins.js';
import {cosinesFor, deviationsOf, longRunVariance, pooledCorrelation} from '../series/variance.js';

/** What is usual of a metric: its baseline as one side of a comparison, and how its noise is made. */
export interface Usual {
  readonly side: WindowSide;
  readonly correlation: number;
  /** Long-run variance over the variance of one bin: by how much neighbours that go together count more. */
  readonly inflation: number;
}

/** The baseline of a metric; undefined with fewer than two values. */
export function usualOf(baseline: Bins): Usual | undefined {
  const usual = deviationsOf(baseline);
  if (usual.count < 2) return undefined;
  const correlation = pooledCorrelation([usual]);
  const omega = longRunVariance(usual, correlation);
  const {mean, count} = usual;
  return {
    side: {mean, count, omega, effective: count, freedom: cosinesFor(count)},
    correlation,
    inflation: usual.variance > 0 ? omega / usual.variance : 1,
  };
}
