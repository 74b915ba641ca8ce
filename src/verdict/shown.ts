import {baselineValue, decidedBy} from './explain.js';
import type {DeviationResult, MetricInterval, MetricResult} from './result.js';
import {worstSettling} from './outside-windows/settling.js';

/** The fault interval that tells most about a metric: one with its verdict, else the first. */
function worstOn({intervals, verdict}: MetricResult): MetricInterval | undefined {
  const on = intervals.filter(interval => interval.kind === 'on');
  return on.find(interval => interval.verdict === verdict) ?? on[0];
}

/**
 * The answer of a metric's deviation that tells most, whether it decides or not; undefined where nothing was compared.
 */
export function tellingDeviation(metric: MetricResult): DeviationResult | undefined {
  return metric.overall ?? worstOn(metric)?.deviation;
}

/** A metric before, during and after the fault, as people are told it. */
export interface ShownMetric {
  readonly before: number | null;
  readonly during: number | null;
  readonly after: number | null;
  /** Lowest and highest value during the fault. */
  readonly range: readonly [number, number] | null;
  /**
   * The worst value in the time that it may take to settle, which is not judged; null where it was not outside in it.
   */
  readonly settling: number | null;
}

function duringOf(metric: MetricResult, decided: DeviationResult | undefined): number | null {
  // Requests without an answer have no latency: that is no reason to show what the others had.
  if (decided?.change?.estimate === null) return null;
  return decided?.to ?? worstOn(metric)?.value ?? null;
}

function rangeOf(on: MetricInterval | undefined): ShownMetric['range'] {
  const {min = null, max = null} = on ?? {};
  return min === null || max === null ? null : [min, max];
}

function afterOf({intervals, deviation}: MetricResult): number | null {
  const after = intervals.find(({kind}) => kind === 'recovery');
  return (deviation?.decides === true ? after?.deviation?.to : null) ?? after?.value ?? null;
}

/**
 * Where the change decides, the typical values that were compared; else the values over the windows. Null: there is
 * none.
 */
export function shownValues(metric: MetricResult): ShownMetric {
  const on = worstOn(metric);
  const {overall, intervals} = metric;
  const decided = overall?.decides === true ? overall : on && decidedBy(on);
  return {
    before: decided?.from ?? baselineValue(intervals),
    during: duringOf(metric, decided),
    after: afterOf(metric),
    range: rangeOf(on),
    settling: worstSettling(intervals)?.settling.worst ?? null,
  };
}
