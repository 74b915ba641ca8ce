import type {MetricSpec} from '../../experiment/experiment.js';
import {quantity} from '../phrase.js';
import {secondsSeenBy} from '../../signals/load/measure.js';
import type {FlowSecond} from '../../statistics/capacity/usl.js';
import {flowOf} from './flow.js';
import {sweepDoubt, sweepEstimate, sweepOf, type SweepDoubt} from '../../statistics/capacity/sweep.js';
import {loadOf, type MeasuredData, type Span} from './data.js';
import {SECOND_US} from '../../quantities/duration.js';
import type {WindowJudgement} from '../result.js';
import {describeBounds, isWithin} from './tolerance.js';

/** Why a window says nothing about a capacity, for people. */
export const NO_CAPACITY: Readonly<Record<SweepDoubt, string>> = {
  'nothing-measured': 'nothing was measured',
  'few-levels': 'the load went through too few different rates in this time to show a capacity',
  'not-saturated': 'every rate of the load was answered, so the capacity is above the highest of them',
};
const NO_LAW = 'no law of a system with a highest throughput fits what was answered';

/**
 * What the load of a metric got answered in the whole seconds of a window, those requests included that were due before
 * it.
 */
export function flowIn(metric: MetricSpec, {loads}: MeasuredData, {fromUs, toUs}: Span): readonly FlowSecond[] {
  const own = loads.filter(({load}) => load === loadOf(metric)).sort((a, b) => a.at - b.at);
  return flowOf(secondsSeenBy(metric, own)).filter(({at}) => at >= fromUs && at + SECOND_US <= toUs);
}

/** Judges a capacity by the law that is fitted to the whole seconds inside the window. */
export function judgeCapacityWindow(metric: MetricSpec, data: MeasuredData, window: Span): WindowJudgement {
  const seconds = flowIn(metric, data, window);
  const sweep = sweepOf(seconds);
  const value = sweepEstimate(sweep) ?? null;
  const {tolerance, unit} = metric;
  const figures = {value, min: null, max: null, samples: seconds.length, missing: 0};
  if (value === null) {
    const doubt = sweepDoubt(sweep);
    const why = doubt === undefined ? NO_LAW : NO_CAPACITY[doubt];
    return {...figures, withinTolerance: null, verdict: tolerance === undefined ? null : 'inconclusive', why};
  }
  const said = `${quantity(value, unit)} by the law fitted to ${seconds.length} seconds`;
  if (tolerance === undefined) return {...figures, withinTolerance: null, verdict: null, why: said};
  const withinTolerance = isWithin(value, tolerance);
  const why = `${said}, allowed ${describeBounds(tolerance, unit)}`;
  return {...figures, withinTolerance, verdict: withinTolerance ? 'held' : 'deviated', why};
}
