import {MIN_BINS, MIN_WINDOW} from '../least.js';
import type {Random} from '../../quantities/random.js';
import {normalQuantile} from '../distributions/normal.js';
import type {FlowSecond} from '../capacity/usl.js';
import {sweepCapacity, sweepOf} from '../capacity/sweep.js';
import {POWER} from '../effects/detectable.js';
import {standardDeviation} from '../series/variance.js';
import {NOTHING_KNOWN, type SteadyState, type SteadyStateRules} from './steady-state.js';

/**
 * The gate for a capacity: whether the baseline shows one, and how large a loss could be seen, by how much it varies
 * when its seconds are drawn again. Whether it changes within the baseline is not asked: half of a sweep has no
 * capacity.
 */
export function steadyCapacity(
  baseline: readonly FlowSecond[],
  {
    by,
    critical,
    absolute,
    faultBins,
    otherBins = baseline.length,
    alpha,
    random,
  }: SteadyStateRules & {readonly random: Random},
): SteadyState {
  const capacity = sweepCapacity(sweepOf(baseline), random);
  if (capacity === undefined) return {...NOTHING_KNOWN, windowForNoise: null};
  const error = standardDeviation(capacity.draws) / (absolute === true ? 1 : capacity.estimate);
  const reach = normalQuantile(1 - alpha) + normalQuantile(POWER);
  const perSecond = error * Math.sqrt(baseline.length) * reach;
  const detectable = perSecond * Math.sqrt(1 / otherBins + 1 / faultBins);
  const windowFor = (change: number) => Math.ceil(2 * (perSecond / change) ** 2);
  const about = {
    detectable,
    change: null,
    drift: null,
    windowForAllowed: windowFor(by),
    windowForCritical: windowFor(critical),
    windowForNoise: MIN_WINDOW,
  };
  if (baseline.length < MIN_BINS) return {state: 'too-short', ...about};
  return {state: detectable > critical ? 'underpowered' : 'steady', ...about};
}
