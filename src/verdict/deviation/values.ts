import {MAX_MISSING} from '../../statistics/least.js';
import {mergedCounts, quantileOfCounts} from '../../quantities/prometheus/classic-histogram.js';
import {sweepEstimate, sweepOf} from '../../statistics/capacity/sweep.js';
import {quantileOver, type LatencySecond} from '../../statistics/effects/latency-table.js';
import type {Measured} from '../../statistics/decisions/metric.js';
import type {Bins} from '../../statistics/series/bins.js';
import {missingShare, present} from '../../statistics/series/bins.js';
import {meanOf} from '../../statistics/series/variance.js';

/** What the values of a metric are read from. */
export interface ValueSource {
  readonly measured: Measured;
  readonly window: 'baseline' | 'fault';
  /**
   * What a quantile counts as that falls among requests without an answer, ms: as long as they were waited for. Null:
   * it has no value.
   */
  readonly unansweredMs: number | null;
}

function quantileMs(seconds: readonly LatencySecond[], quantile: number, unansweredMs: number | null): number | null {
  const us = quantileOver(seconds, quantile);
  if (us === undefined) return null;
  return Number.isFinite(us) ? us / 1000 : unansweredMs;
}

/**
 * A metric over one window bin by bin, whatever it is measured by: shares of failed requests, quantiles of each second,
 * values.
 */
export function perBin({measured, window, unansweredMs}: ValueSource): Bins {
  switch (measured.kind) {
    case 'bins':
      return measured[window];
    case 'counts':
      return measured[window].map(({events, trials}) => (trials > 0 ? events / trials : null));
    case 'buckets':
      return measured[window].map(bin => bin && quantileOfCounts(bin, measured.quantile));
    case 'latency':
      return measured[window].map(second => quantileMs([second], measured.quantile, unansweredMs));
    case 'groups':
    case 'blocks':
    case 'capacity':
      return [];
  }
}

/**
 * A metric over one window as one value: the share or the quantile over all requests, or the mean of the bins; null
 * where too much is missing.
 */
export function overall(reading: ValueSource): number | null {
  const {measured, window, unansweredMs} = reading;
  switch (measured.kind) {
    case 'counts': {
      const sum = (of: 'events' | 'trials') => measured[window].reduce((total, bin) => total + bin[of], 0);
      return sum('trials') > 0 ? sum('events') / sum('trials') : null;
    }
    case 'buckets': {
      const merged = mergedCounts(measured[window].filter(bin => bin !== null));
      return merged === undefined ? null : quantileOfCounts(merged, measured.quantile);
    }
    case 'latency':
      return quantileMs(measured[window], measured.quantile, unansweredMs);
    case 'capacity':
      return sweepEstimate(sweepOf(measured[window])) ?? null;
    default: {
      const bins = perBin(reading);
      return missingShare(bins) > MAX_MISSING ? null : meanOf(present(bins));
    }
  }
}

/**
 * The same measurement with only these bins of the fault; `end` is exclusive. What is not measured bin by bin stays
 * whole.
 */
export function partOf(measured: Measured, start: number, end: number): Measured {
  switch (measured.kind) {
    case 'bins':
      return {...measured, fault: measured.fault.slice(start, end)};
    case 'counts':
      return {...measured, fault: measured.fault.slice(start, end)};
    case 'buckets':
      return {...measured, fault: measured.fault.slice(start, end)};
    case 'latency':
      return {...measured, fault: measured.fault.slice(start, end)};
    default:
      return measured;
  }
}
