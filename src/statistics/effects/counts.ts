import {hypergeometricTail} from '../distributions/hypergeometric.js';
import {present} from '../series/bins.js';
import {LEVELS, noiseOf, reachOver, spreadOfMeans} from '../series/noise.js';
import type {NoiseKind} from '../series/noise-kinds.js';
import {levelAt} from './inversion.js';
import {differenceLimits, type EventCount} from './shares.js';
import type {ConfidenceLimits} from './shift.js';

/** Events among trials, a pair a second: failed requests among all sent ones. */
export interface CountBin {
  readonly events: number;
  readonly trials: number;
}

/** Below this many events nothing can be said about how they cluster. */
const MIN_EVENTS_FOR_CLUSTERS = 5;

export function totalOf(bins: readonly CountBin[]): EventCount {
  return bins.reduce((sum, {events, trials}) => ({events: sum.events + events, trials: sum.trials + trials}), {
    events: 0,
    trials: 0,
  });
}

/**
 * A window of counts: its events, and what each bin has beyond its share, in standard deviations of independent events.
 */
function clustersOf(bins: readonly CountBin[]) {
  const {events, trials} = totalOf(bins);
  const counted = bins.filter(bin => bin.trials > 0).length;
  const share = events / trials;
  const spread = Math.sqrt((share * (1 - share) * trials) / counted);
  const beyond = bins.map(bin =>
    bin.trials === 0 || spread === 0 ? null : (bin.events - share * bin.trials) / spread,
  );
  // The mean of what is beyond, times this, is the error of the share.
  return {events, counted, beyond, factor: (counted * spread) / trials};
}

/** A kind of noise that has no white part stands for all in which nearly everything is slow. */
const NEARLY_ALL = 0.9;

/**
 * How plausible it is that so few clusters of events a bin come from a rate that wanders like this. Independent
 * clusters alone have the white part of the variance, so to a slow share s belongs a rate with a squared coefficient of
 * variation of s / (1 − s) / clusters (Cox 1955). Where events are rare that is a multiple of the rate itself, and a
 * rate that is now and then many times as high comes in clusters: up to one it is likely, beyond it hardly.
 */
function plausibleFor(clustersPerBin: number): (kind: NoiseKind) => number {
  return ({correlation, slow}) => {
    const share = correlation === 0 ? 0 : Math.min(slow, NEARLY_ALL);
    return Math.exp(-((share / (1 - share) / clustersPerBin) ** 2) / 2);
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/**
 * By how much the events of windows cluster: φ, the variance of their share (of two windows: of the difference) over
 * that of binomial ones (McCullagh and Nelder 1989, section 4.5), at least 1. Clusters within a bin show in the
 * variance of the bins, each under the share of its window; those of several bins in the noise from bin to bin. 1 as
 * well with fewer than five events.
 */
export function dispersionOf(...windows: readonly (readonly CountBin[])[]): number {
  const clusters = windows.map(clustersOf);
  if (clusters.every(({events}) => events < MIN_EVENTS_FOR_CLUSTERS)) return 1;
  const squares = sum(clusters.flatMap(({beyond}) => present(beyond).map(value => value ** 2)));
  const freedom = sum(clusters.map(({counted}) => counted - 1));
  const together = Math.max(1, squares / freedom);
  const perBin = sum(clusters.map(({events}) => events)) / sum(clusters.map(({counted}) => counted));
  const noise = noiseOf(
    clusters.map(({beyond}) => beyond),
    plausibleFor(perBin / together),
  );
  const factors = clusters.map(({factor}) => factor);
  const independent = Math.hypot(...clusters.map(({factor, counted}) => factor / Math.sqrt(counted)));
  return reachOver(spreadOfMeans(noise, factors), independent, LEVELS.near) ** 2;
}

/** The evidence that is left when `dispersion` events always come together. The share of events stays as it is. */
export function deflated({events, trials}: EventCount, dispersion: number): EventCount {
  return {events: events / dispersion, trials: trials / dispersion};
}

/** φ: how many events come together at least and at most, when two windows are compared. */
export interface Dispersion {
  readonly least: number;
  readonly most: number;
}

/**
 * The dispersion by the baseline alone and by both windows. To deviate the lesser counts: clusters that only the fault
 * shows are what it did, and of few events both windows know more than the baseline. To hold the greater: a window that
 * is quiet by chance must not prove that nothing happened.
 */
export function dispersionBetween(baseline: readonly CountBin[], fault: readonly CountBin[]): Dispersion {
  const known = [dispersionOf(baseline), dispersionOf(baseline, fault)];
  return {least: Math.min(...known), most: Math.max(...known)};
}

/** What a fault did to a share of failures. */
export interface CountEffect {
  readonly baseline: EventCount;
  readonly fault: EventCount;
  readonly dispersion: Dispersion;
  /** Share in the fault window minus share in the baseline, with one-sided limits at alpha each, on deflated counts. */
  readonly difference: {readonly estimate: number} & ConfidenceLimits;
  /** Limits of the difference at any other level. */
  readonly limits: (alpha: number) => ConfidenceLimits;
  /**
   * The p-value of "a share higher than the baseline's by more than the margin": Fisher's exact one for no margin, else
   * by the limits.
   */
  readonly chanceAbove: (margin: number) => number;
  /** The p-value of "a difference below the margin". */
  readonly chanceBelow: (margin: number) => number;
  /** Events above those that the baseline's share would have given, with limits: lost requests. */
  readonly excess: {readonly estimate: number} & ConfidenceLimits;
}

/**
 * Exact comparison of two counts, for errors (Fisher 1934; Newcombe 1998). The events of the test are counted down by
 * how they cluster: rounded down in the fault window and up in the baseline, against an alarm. Undefined without
 * trials.
 */
export function compareCounts(
  baselineBins: readonly CountBin[],
  faultBins: readonly CountBin[],
  alpha: number,
): CountEffect | undefined {
  const baseline = totalOf(baselineBins);
  const fault = totalOf(faultBins);
  if (baseline.trials === 0 || fault.trials === 0) return undefined;
  const dispersion = dispersionBetween(baselineBins, faultBins);
  const {least, most} = dispersion;
  const before = deflated(baseline, least);
  const after = deflated(fault, least);
  const limits = (level: number) => ({
    lower: differenceLimits(before, after, level).lower,
    upper: differenceLimits(deflated(baseline, most), deflated(fault, most), level).upper,
  });
  const {lower, upper} = limits(alpha);
  const estimate = fault.events / fault.trials - baseline.events / baseline.trials;
  return {
    baseline,
    fault,
    dispersion,
    difference: {estimate, lower, upper},
    limits,
    chanceAbove: margin => (margin === 0 ? exactChance(before, after) : levelAt(level => limits(level).lower > margin)),
    chanceBelow: margin => levelAt(level => limits(level).upper < margin),
    excess: {estimate: estimate * fault.trials, lower: lower * fault.trials, upper: upper * fault.trials},
  };
}

function exactChance(baseline: EventCount, fault: EventCount): number {
  const quiet = Math.ceil(baseline.events - 1e-9);
  const events = Math.floor(fault.events + 1e-9);
  const trials = Math.max(events, Math.round(fault.trials));
  const total = trials + Math.max(quiet, Math.round(baseline.trials));
  return hypergeometricTail(events, {total, marked: quiet + events, drawn: trials});
}
