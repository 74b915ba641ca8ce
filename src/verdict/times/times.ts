import type {MetricSpec} from '../../experiment/experiment.js';
import {budgetOf} from './budget.js';
import type {Facts} from '../facts.js';
import {outOfTolerance} from '../impact.js';
import {MIN_BASELINE_VALUES} from '../judgement/back-inside.js';
import {DEFAULT_STABLE_US, recoveredSince} from '../judgement/recovery.js';
import {present} from '../judgement/series/bins.js';
import {tracksOf} from '../judgement/times/track.js';
import {loadLosses} from './loads.js';
import {timesOfSubject, type Times} from './of-metric.js';
import type {MetricTimes, TimesResult} from './result.js';
import {timesWindows, type TimesWindows} from './windows.js';
import {metricTimesText} from './words.js';

/** Metrics whose times are told: those of which something is asked. */
function hasTimes({tolerance, deviation}: MetricSpec): boolean {
  return tolerance !== undefined || deviation !== undefined;
}

/** How much a subject has to tell: a recovery that took longer first, then a change that was seen earlier. */
function weightOf({recovered, onset}: Times): readonly [number, number] {
  return [recovered === null ? -1 : (recovered.atMost ?? Infinity), onset === null ? -Infinity : -onset[1]];
}

function weightier(a: Times, b: Times): Times {
  const [[backA, seenA], [backB, seenB]] = [weightOf(a), weightOf(b)];
  return backB > backA || (backB === backA && seenB > seenA) ? b : a;
}

function timesOf(facts: Facts, metric: MetricSpec, windows: TimesWindows): readonly MetricTimes[] {
  const {evidence} = facts;
  const {fault, after} = windows;
  const baselines = tracksOf(metric, evidence, windows.baseline);
  const tracks = tracksOf(metric, evidence, {fromUs: fault.fromUs, toUs: after?.toUs ?? fault.toUs});
  const [first, ...others] = tracks.flatMap(all => {
    const baseline = baselines.find(({subject}) => subject === all.subject);
    const enough = baseline !== undefined && present(baseline.bins).length >= MIN_BASELINE_VALUES;
    return enough && present(all.bins).length > 0 ? [timesOfSubject({metric, windows, baseline, all})] : [];
  });
  if (first === undefined) return [];
  const worst = {...others.reduce(weightier, first), tolerated: toleratedAgain(facts, metric, windows)};
  return [{...worst, text: metricTimesText(worst, facts)}];
}

/** When a metric that had left its tolerance was inside again for good, as the live decision finds it, seconds. */
function toleratedAgain(
  facts: Facts,
  metric: MetricSpec,
  {fault, after}: TimesWindows,
): readonly [number, number] | null {
  if (metric.tolerance === undefined || after === undefined) return null;
  const left = outOfTolerance(metric, facts, {fromUs: fault.fromUs, toUs: after.toUs});
  if (left.totalUs === 0) return null;
  const search = {fromUs: after.fromUs, nowUs: after.toUs, stableUs: DEFAULT_STABLE_US};
  const {sinceUs} = recoveredSince([{...metric, judge: ['recovery']}], facts.evidence, search);
  if (sinceUs === undefined) return null;
  const seconds = (us: number) => Math.max(0, Math.round((us - after.fromUs) / 1000) / 1000);
  return [seconds(sinceUs[0]), seconds(sinceUs[1])];
}

/**
 * When each metric deviated, when that was proven, when it was back, and what was lost: for every occurrence that was in force. Of
 * several subjects the one that was away longest is told. Nothing of this decides where a tolerance is given.
 */
export function timesResult(facts: Facts): TimesResult {
  const asked = facts.experiment.steadyState.filter(hasTimes);
  const windows = timesWindows(facts);
  const metrics = windows.flatMap(one => asked.flatMap(metric => timesOf(facts, metric, one)));
  const loads = windows.flatMap(one => loadLosses(facts, one, metrics));
  return {metrics, loads, budget: budgetOf(facts)};
}
