import {isJudgedByChange} from './deciding.js';
import type {GuardSpec, LoadSpec, MetricSpec} from './experiment.js';
import {MIN_BINS, RECOVERY_LOOK_BINS, RECOVERY_LOOKS_AFTER} from '../statistics/least.js';

/** What the judge needs at least of a window, so that a file can be told before anything is run. Times in ms. */

/** How long the steady state must have been back before it counts (hysteresis). */
export const STABLE_MS = 5_000;

/** Samples of a window that is judged by a tolerance. */
export const FEWEST_SAMPLES = 3;

/** Without a value for less than this a guard is not blind yet. */
const GUARD_PATIENCE_MS = 5_000;

/** How old the newest value of a guarded metric may be. */
export function guardPatienceMs({forMs}: Pick<GuardSpec, 'forMs'>, {everyMs}: Pick<MetricSpec, 'everyMs'>): number {
  return Math.max(3 * everyMs, forMs, GUARD_PATIENCE_MS);
}

/**
 * How long a value of a metric stands for where it is compared value by value: a second, or the time between two
 * samples where that is longer.
 */
export function binMs({source, everyMs}: Pick<MetricSpec, 'source' | 'everyMs'>): number {
  return source === 'load' ? 1_000 : Math.max(1_000, everyMs);
}

/** The longest time between two values of a metric; a load with a slow pace has seconds without any. */
function betweenMs({source, everyMs}: MetricSpec, load: LoadSpec | undefined): number {
  return source === 'load' ? Math.max(1_000, slowestMs(load)) : everyMs;
}

/** The time between two requests; 0 where the pace changes. */
function slowestMs(load: LoadSpec | undefined): number {
  return load === undefined || load.stages !== undefined || load.rate === 0 ? 0 : 1_000 / load.rate;
}

/**
 * How long a window must be for a metric to be judged by its tolerance: a whole second of a load with a request in it,
 * or some samples.
 */
export function leastToleranceMs(metric: MetricSpec, load: LoadSpec | undefined): number {
  return metric.source === 'load' ? Math.max(2_000, slowestMs(load) + 1_000) : FEWEST_SAMPLES * metric.everyMs;
}

/**
 * How long a window must be for a metric to be compared by its values; of a load the second at its edge is not a whole
 * one.
 */
export function leastComparedMs(metric: MetricSpec): number {
  return MIN_BINS * binMs(metric) + (metric.source === 'load' ? 1_000 : 0);
}

/** How long it takes at least to see a metric come back and stay. */
export function leastRecoveryMs(metric: MetricSpec, load: LoadSpec | undefined): number {
  return isJudgedByChange(metric)
    ? (RECOVERY_LOOK_BINS + RECOVERY_LOOKS_AFTER + 1) * binMs(metric)
    : STABLE_MS + 2 * betweenMs(metric, load);
}

/** How exactly the moment is known at which a metric was back. */
export function recoveryResolutionMs(metric: MetricSpec, load: LoadSpec | undefined): number {
  return isJudgedByChange(metric) ? (RECOVERY_LOOK_BINS / 2 + 1) * binMs(metric) : 2 * betweenMs(metric, load);
}
