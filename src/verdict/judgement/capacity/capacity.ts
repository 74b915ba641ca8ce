import type {Random} from '../../../quantities/random.js';
import type {Limits} from '../effects/shift.js';
import {bestConcurrency, capacityOf, fitScalability, type LoadPoint, type ScalabilityLaw} from './usl.js';

const RESAMPLES = 499;

/** The saturation point of a system, from steps of load. */
export interface Saturation {
  readonly law: ScalabilityLaw;
  /** Requests in flight at the highest throughput, with limits. */
  readonly concurrency: {readonly estimate: number} & Limits;
  /** Highest throughput, per second, with limits. */
  readonly throughput: {readonly estimate: number} & Limits;
  /** Highest throughputs of the redrawn points, in the order they were drawn. */
  readonly draws: readonly number[];
}

/** Points below saturation, and those at which the system could not follow: a law needs both, so each kind is drawn from its own. */
export interface SaturationPoints {
  readonly below: readonly LoadPoint[];
  readonly beyond: readonly LoadPoint[];
}

function drawn(points: readonly LoadPoint[], random: Random): readonly LoadPoint[] {
  return points.map(() => points[Math.floor(random() * points.length)]).filter(point => point !== undefined);
}

function limitsAmong(values: readonly number[], alpha: number): Limits {
  const sorted = [...values].sort((a, b) => a - b);
  const tail = Math.max(0, Math.floor(alpha * (sorted.length + 1)) - 1);
  return {lower: sorted[tail] ?? NaN, upper: sorted[sorted.length - 1 - tail] ?? NaN};
}

/**
 * Where a system saturates, with limits of level alpha each by a case bootstrap: the points are drawn again, with replacement, and fitted
 * anew (Efron 1979; research/statistics 5.3). Undefined when no law can be fitted.
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
    throughput: {estimate: capacityOf(law), ...limitsAmong(draws, alpha)},
    draws,
  };
}

/** The share of capacity that a fault takes away: 1 − Xmax(fault)/Xmax(baseline), with limits of level alpha each. */
export function capacityLoss(
  baseline: Saturation,
  fault: Saturation,
  alpha: number,
): {readonly estimate: number} & Limits {
  const pairs = baseline.draws.slice(0, fault.draws.length);
  const losses = pairs.map((before, i) => 1 - (fault.draws[i] ?? NaN) / before);
  return {estimate: 1 - fault.throughput.estimate / baseline.throughput.estimate, ...limitsAmong(losses, alpha)};
}
