import type {Random} from '../../quantities/random.js';
import type {ConfidenceLimits} from '../effects/shift.js';
import {bestConcurrency, capacityOf, fitScalability, type LoadPoint, type ScalabilityLaw} from './usl.js';

const RESAMPLES = 499;

/** The saturation point of a system, from steps of load. */
export interface Saturation {
  readonly law: ScalabilityLaw;
  /** Requests in flight at the highest throughput, with limits. */
  readonly concurrency: {readonly estimate: number} & ConfidenceLimits;
  /** Highest throughput, per second, with limits. */
  readonly throughput: CapacityDraws & ConfidenceLimits;
}

/**
 * Points below saturation, and those at which the system could not follow: a law needs both, so each kind is drawn from
 * its own.
 */
export interface SaturationPoints {
  readonly below: readonly LoadPoint[];
  readonly beyond: readonly LoadPoint[];
}

function drawn(points: readonly LoadPoint[], random: Random): readonly LoadPoint[] {
  return points.map(() => points[Math.floor(random() * points.length)]).filter(point => point !== undefined);
}

function limitsAmong(values: readonly number[], alpha: number): ConfidenceLimits {
  const sorted = [...values].sort((a, b) => a - b);
  const tail = Math.max(0, Math.floor(alpha * (sorted.length + 1)) - 1);
  return {lower: sorted[tail] ?? NaN, upper: sorted[sorted.length - 1 - tail] ?? NaN};
}

/**
 * Where a system saturates, with limits of level alpha each by a case bootstrap: the points are drawn again, with
 * replacement, and fitted anew (Efron 1979). Undefined when no law can be fitted.
 */
export function saturationOf({below, beyond}: SaturationPoints, alpha: number, random: Random): Saturation | undefined {
  const law = fitScalability([...below, ...beyond]);
  if (law === undefined) return undefined;
  // A draw with too few different points has no law; it is left out.
  const laws = Array.from({length: RESAMPLES}, () =>
    fitScalability([...drawn(below, random), ...drawn(beyond, random)], law),
  ).filter(one => one !== undefined);
  const draws = laws.map(capacityOf);
  return {
    law,
    concurrency: {estimate: bestConcurrency(law), ...limitsAmong(laws.map(bestConcurrency), alpha)},
    throughput: {estimate: capacityOf(law), draws, ...limitsAmong(draws, alpha)},
  };
}

/** A capacity and what it might as well have been. */
export interface CapacityDraws {
  /** Per second. */
  readonly estimate: number;
  /** Of the redrawn points, in the order they were drawn. */
  readonly draws: readonly number[];
}

export function meanThroughput(points: readonly LoadPoint[]): number {
  return points.reduce((sum, {throughput}) => sum + throughput, 0) / points.length;
}

/**
 * The capacity of a system that was beyond saturation in all of these: it answers as much as it can in each of them, so
 * it is their mean.
 */
export function meanCapacity(beyond: readonly LoadPoint[], random: Random): CapacityDraws {
  const draws = Array.from({length: RESAMPLES}, () => meanThroughput(drawn(beyond, random)));
  return {estimate: meanThroughput(beyond), draws};
}

/** What a fault took of the capacity. */
export interface CapacityEffect {
  /** Per second. */
  readonly baseline: number;
  readonly fault: number;
  /** The same limits at any other level. */
  readonly limits: (alpha: number) => ConfidenceLimits;
  /** Relative change, Xmax(fault)/Xmax(baseline) − 1, with one-sided limits at level alpha each. */
  readonly relative: {readonly estimate: number} & ConfidenceLimits;
  /** The p-value of "the loss is not more than this share". */
  readonly chanceOfLess: (loss: number) => number;
  /** The p-value of "the gain is not more than this share". */
  readonly chanceOfMore: (gain: number) => number;
}

/** How the capacity changed, by pairs of redrawn windows. Undefined where there was no capacity to compare with. */
export function compareCapacities(
  before: CapacityDraws,
  after: CapacityDraws,
  alpha: number,
): CapacityEffect | undefined {
  if (!(before.estimate > 0) || !Number.isFinite(before.estimate) || !Number.isFinite(after.estimate)) return undefined;
  const pairs = before.draws.slice(0, after.draws.length);
  const changes = pairs.map((base, i) => (after.draws[i] ?? NaN) / base - 1);
  // The data itself is one more draw: a p-value is never 0. Where both draws have no limit their change is not known:
  // it speaks against any claim.
  const share = (proves: (change: number) => boolean) =>
    (changes.filter(change => !proves(change)).length + 1) / (changes.length + 1);
  const unknownAs = (end: number) => changes.map(change => (Number.isNaN(change) ? end : change));
  const limits = (level: number) => ({
    lower: limitsAmong(unknownAs(-1), level).lower,
    upper: limitsAmong(unknownAs(Infinity), level).upper,
  });
  return {
    baseline: before.estimate,
    fault: after.estimate,
    limits,
    relative: {estimate: after.estimate / before.estimate - 1, ...limits(alpha)},
    chanceOfLess: loss => share(change => change < -loss),
    chanceOfMore: gain => share(change => change > gain),
  };
}
