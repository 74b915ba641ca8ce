import {appliesIn} from '../../experiment/deciding.js';
import type {MetricSpec} from '../../experiment/experiment.js';
import {budgetOf} from './budget.js';
import type {Facts} from '../facts.js';
import {outOfTolerance} from '../out-of-tolerance.js';
import {SECOND_US} from '../../quantities/duration.js';
import {DEFAULT_STABLE_US, recoveredSince} from '../judgement/recovery.js';
import {loadLosses} from './loads.js';
import {timesOfSubjects, type UnwordedTimes} from './of-metric.js';
import type {MetricTimes, TimesResult} from '../result.js';
import {timesWindows, type TimesWindows} from './windows.js';
import {metricTimesText} from './words.js';

/** Metrics whose times are told: those of which something is asked, before the fault as after it. */
function hasTimes(metric: MetricSpec): boolean {
  const isAsked = metric.tolerance !== undefined || metric.deviation !== undefined;
  return isAsked && appliesIn(metric, 'baseline') && appliesIn(metric, 'recovery');
}

/** How much a subject has to tell: a recovery that took longer first, then a change that was seen earlier. */
function weightOf({recovered, onset}: UnwordedTimes): readonly [number, number] {
  return [recovered === null ? -1 : (recovered.atMost ?? Infinity), onset === null ? -Infinity : -onset[1]];
}

function weightier(a: UnwordedTimes, b: UnwordedTimes): UnwordedTimes {
  const [[backA, seenA], [backB, seenB]] = [weightOf(a), weightOf(b)];
  return backB > backA || (backB === backA && seenB > seenA) ? b : a;
}

function timesOf(facts: Facts, metric: MetricSpec, windows: TimesWindows): readonly MetricTimes[] {
  const [first, ...others] = timesOfSubjects(metric, facts.evidence, windows);
  if (first === undefined) return [];
  const worst = {...others.reduce(weightier, first), ...toleratedAgain(facts, metric, windows)};
  return [{...worst, text: metricTimesText(worst, facts)}];
}

/** When a metric that had left its tolerance was inside again for good, as the live decision finds it, seconds. */
function toleratedAgain(
  facts: Facts,
  metric: MetricSpec,
  {fault, after, zeroUs}: TimesWindows,
): Pick<MetricTimes, 'tolerated' | 'toleratedBeforeUndo'> {
  if (metric.tolerance === undefined || after === undefined) return {tolerated: null};
  const left = outOfTolerance(metric, facts, {fromUs: fault.fromUs, toUs: after.toUs});
  if (left.lastUs === null) return {tolerated: null};
  const seconds = (us: number) => Math.max(0, Math.round(us / 1000) / 1000);
  // Two looks inside before the undo: it did not wait for that.
  if (after.fromUs - left.lastUs >= 2 * Math.max(SECOND_US, metric.everyMs * 1000))
    return {tolerated: null, toleratedBeforeUndo: seconds(left.lastUs - zeroUs)};
  const search = {fromUs: after.fromUs, nowUs: after.toUs, stableUs: DEFAULT_STABLE_US};
  const {sinceUs} = recoveredSince([{...metric, judge: ['recovery']}], facts.evidence, search);
  if (sinceUs === undefined) return {tolerated: null};
  return {tolerated: [seconds(sinceUs[0] - after.fromUs), seconds(sinceUs[1] - after.fromUs)]};
}

/**
 * When each metric deviated, when that was proven, when it was back, and what was lost: for every occurrence that was
 * in force. Of several subjects the one that was away longest is told. Nothing of this decides where a tolerance is
 * given.
 */
export function timesResult(facts: Facts): TimesResult {
  const asked = facts.experiment.steadyState.filter(hasTimes);
  const windows = timesWindows(facts);
  const metrics = windows.flatMap(one => asked.flatMap(metric => timesOf(facts, metric, one)));
  const loads = windows.flatMap(one => loadLosses(facts, one, metrics));
  return {metrics, loads, budget: budgetOf(facts)};
}
