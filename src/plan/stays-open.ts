import {MIN_WINDOW} from '../statistics/least.js';
import {decidesByDeviation} from '../experiment/deciding.js';
import {isErrorShare} from '../experiment/traits.js';
import type {Experiment, MetricSpec} from '../experiment/experiment.js';
import {formatDuration} from '../quantities/duration.js';
import {formatShare} from '../quantities/share.js';
import {QUANTILES} from '../signals/load/measure.js';
import {ALPHA} from '../verdict/change.js';
import {loadOf} from '../verdict/judgement/data.js';
import {heldLevel} from '../statistics/decisions/comparison.js';
import {normalCdf, normalQuantile} from '../statistics/distributions/normal.js';
import {marginOf} from '../statistics/effects/scale.js';
import {binUsOf} from '../verdict/judgement/measured.js';
import {measureOf} from '../verdict/judgement/load-window.js';

/**
 * Noise as services often have it, from value to value: a spread of 20 %, and a correlation of 0.3 between neighbours.
 */
const SPREAD = 0.2;
const CORRELATION = 0.3;
/** The spread of the logarithm of single latencies, for what a quantile of few requests varies by. */
const LATENCY_SPREAD = 0.5;
/** How many standard errors the limit reaches that proves "held". */
const HELD_REACH = normalQuantile(1 - heldLevel(ALPHA));
/** Below this chance of an answer a run stays open most likely. */
const UNLIKELY = 1 / 3;
/** Windows are told that decide in eight of ten runs. */
const OFTEN = 0.8;

/** Both windows, in values of the metric. */
export interface WindowSizes {
  readonly baseline: number;
  readonly fault: number;
}

/**
 * The standard error of a difference of means on the log scale: n correlated values are worth n·(1 − φ)/(1 + φ)
 * independent ones (Bartlett 1946).
 */
function standardError(spread: number, {baseline, fault}: WindowSizes): number {
  const inflation = (1 + CORRELATION) / (1 - CORRELATION);
  return spread * Math.sqrt(inflation * (1 / baseline + 1 / fault));
}

/**
 * How often a metric that does not change is proven to be within the margin, by a one-sided normal test at the level of
 * "held": Φ(margin/se − z).
 */
export function chanceToHold(margin: number, {spread, windows}: {spread: number; windows: WindowSizes}): number {
  return normalCdf(margin / standardError(spread, windows) - HELD_REACH);
}

/** The length of both windows, in values, at which that is so in eight of ten runs. */
export function lengthToHold(margin: number, spread: number): number {
  const reach = HELD_REACH + normalQuantile(OFTEN);
  return Math.ceil((standardError(spread, {baseline: 1, fault: 1}) * reach) ** 2 / margin ** 2);
}

/** The usual spread of a metric from value to value; undefined where it is counted, so that another law holds. */
function spreadOf(metric: MetricSpec, {load}: Experiment): number | undefined {
  if (isErrorShare(metric) || metric.control !== undefined) return undefined;
  const measure = measureOf(metric);
  if (measure === 'capacity' || measure === 'errors.rate') return undefined;
  const quantile = measure !== undefined && measure in QUANTILES ? QUANTILES[measure as keyof typeof QUANTILES] : 1;
  const rate = load[loadOf(metric)]?.rate;
  // The largest of all has no such law.
  if (quantile === 1 || rate === undefined) return SPREAD;
  // The standard error of a quantile of n values is √(q(1 − q)/n) over the density there.
  const z = normalQuantile(quantile);
  const density = Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI);
  return Math.max(SPREAD, (LATENCY_SPREAD * Math.sqrt((quantile * (1 - quantile)) / rate)) / density);
}

function windowsMs({windows, faults}: Experiment): {readonly baselineMs: number; readonly faultMs: number} {
  const {goOnMs = 0, lookBackMs} = windows;
  return {
    baselineMs: lookBackMs ?? Math.max(goOnMs, windows.baselineMs),
    faultMs: Math.max(goOnMs, Math.min(...faults.map(({forMs}) => forMs))),
  };
}

/**
 * Metrics of which the run, as it is written, most likely says nothing, although nothing happens to them: with the
 * usual noise.
 */
export function mostLikelyOpen(experiment: Experiment): readonly string[] {
  const {steadyState, switchback} = experiment;
  if (switchback !== undefined) return [];
  const {baselineMs, faultMs} = windowsMs(experiment);
  return steadyState.filter(decidesByDeviation).flatMap(metric => {
    const spread = spreadOf(metric, experiment);
    const binMs = binUsOf(metric) / 1000;
    const windows = {baseline: Math.floor(baselineMs / binMs), fault: Math.floor(faultMs / binMs)};
    // With hardly more values than the least the gate decides.
    if (
      spread === undefined ||
      metric.deviation === undefined ||
      // Noise is a share of a size that is not known beforehand.
      metric.deviation.absolute === true ||
      Math.min(windows.baseline, windows.fault) < MIN_WINDOW
    )
      return [];
    const margin = marginOf(metric.deviation.by, metric.worse === 'lower' ? 'lower' : 'higher', {
      scale: 'ratio',
      baseline: [],
    });
    const chance = chanceToHold(margin, {spread, windows});
    if (chance >= UNLIKELY) return [];
    const needed = formatDuration(Math.ceil((lengthToHold(margin, spread) * binMs) / 1000) * 1000);
    return [
      `\`${metric.name}\` most likely stays open: where it varies by ${formatShare(Math.round(spread * 100) / 100)} from value to value, as is usual, a baseline of ${formatDuration(baselineMs)} and a fault of ${formatDuration(faultMs)} tell \`by: ${formatShare(metric.deviation.by)}\` in ${Math.round(chance * 10)} of 10 runs in which nothing happens; with windows of ${needed} it would decide in 8 of 10 runs`,
    ];
  });
}
