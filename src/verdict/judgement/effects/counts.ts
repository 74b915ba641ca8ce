import {hypergeometricTail} from '../distributions/hypergeometric.js';
import {cosineVariance, deviationsOf} from '../series/variance.js';
import {differenceLimits, type Count} from './shares.js';
import type {Limits} from './shift.js';

/** Events among trials, a pair a second: failed requests among all sent ones. */
export interface CountBin {
  readonly events: number;
  readonly trials: number;
}

/** Below this many events nothing can be said about how they cluster. */
const MIN_EVENTS_FOR_CLUSTERS = 5;

export function totalOf(bins: readonly CountBin[]): Count {
  return bins.reduce((sum, {events, trials}) => ({events: sum.events + events, trials: sum.trials + trials}), {
    events: 0,
    trials: 0,
  });
}

/**
 * By how much the events of a window cluster: φ = max(1, Ω / mean) of the events a second, 1 for a Poisson stream (research/
 * statistics 3.4). 1 as well with fewer than five events.
 */
export function dispersionOf(bins: readonly CountBin[]): number {
  if (totalOf(bins).events < MIN_EVENTS_FOR_CLUSTERS) return 1;
  const deviations = deviationsOf(bins.map(({events}) => events));
  return Math.max(1, cosineVariance(deviations) / deviations.mean);
}

/** The evidence that is left when `dispersion` events always come together. The share of events stays as it is. */
export function deflated({events, trials}: Count, dispersion: number): Count {
  return {events: events / dispersion, trials: trials / dispersion};
}

/** What a fault did to a share of failures. */
export interface CountEffect {
  readonly baseline: Count;
  readonly fault: Count;
  /** φ of each window: how many events come together. */
  readonly dispersion: {readonly baseline: number; readonly fault: number};
  /** Share in the fault window minus share in the baseline, with one-sided limits at alpha each, on deflated counts. */
  readonly difference: {readonly estimate: number} & Limits;
  /** The upper limit when also the fault window's own clusters count: what "no more than" is proven by. */
  readonly provenUpper: number;
  /** The p-value of "a share higher than the baseline's by more than the margin": Fisher's exact one for no margin, else by the limits. */
  readonly chanceAbove: (margin: number) => number;
  /** The p-value of "a difference below the margin". */
  readonly chanceBelow: (margin: number) => number;
  /** Events above those that the baseline's share would have given, with limits: lost requests. */
  readonly excess: {readonly estimate: number} & Limits;
}

/**
 * Exact comparison of two counts, for errors (research/statistics 3.4). The events of the test are counted down by how they
 * cluster in the baseline: rounded down in the fault window and up in the baseline, against an alarm. Undefined without trials.
 */
export function compareCounts(
  baselineBins: readonly CountBin[],
  faultBins: readonly CountBin[],
  alpha: number,
): CountEffect | undefined {
  const baseline = totalOf(baselineBins);
  const fault = totalOf(faultBins);
  if (baseline.trials === 0 || fault.trials === 0) return undefined;
  const dispersion = {baseline: dispersionOf(baselineBins), fault: dispersionOf(faultBins)};
  const before = deflated(baseline, dispersion.baseline);
  const after = deflated(fault, dispersion.baseline);
  const worst = Math.max(dispersion.baseline, dispersion.fault);
  const {lower, upper} = differenceLimits(before, after, alpha);
  const estimate = fault.events / fault.trials - baseline.events / baseline.trials;
  return {
    baseline,
    fault,
    dispersion,
    difference: {estimate, lower, upper},
    provenUpper: Math.max(upper, differenceLimits(deflated(baseline, worst), deflated(fault, worst), alpha).upper),
    chanceAbove: margin =>
      margin === 0
        ? exactChance(before, after)
        : levelAt(level => differenceLimits(before, after, level).lower > margin),
    chanceBelow: margin => levelAt(level => differenceLimits(before, after, level).upper < margin),
    excess: {estimate: estimate * fault.trials, lower: lower * fault.trials, upper: upper * fault.trials},
  };
}

function exactChance(baseline: Count, fault: Count): number {
  const quiet = Math.ceil(baseline.events - 1e-9);
  const events = Math.floor(fault.events + 1e-9);
  const trials = Math.max(events, Math.round(fault.trials));
  const total = trials + Math.max(quiet, Math.round(baseline.trials));
  return hypergeometricTail(events, {total, marked: quiet + events, drawn: trials});
}

/** The smallest level at which a claim about limits holds, by bisection: the p-value that belongs to them; 1 when not even at ½. */
function levelAt(holds: (level: number) => boolean): number {
  if (!holds(0.5)) return 1;
  let low = Math.log(1e-12);
  let high = Math.log(0.5);
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (holds(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}
