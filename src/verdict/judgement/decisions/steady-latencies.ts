import type {Random} from '../../../quantities/random.js';
import {normalQuantile} from '../distributions/normal.js';
import {drawQuantile, wideningFor, type QuantileDraws} from '../effects/bootstrap.js';
import {POWER, shortestWindow} from '../effects/detectable.js';
import type {LatencySecond} from '../effects/latency-table.js';
import {compareQuantiles, resolution} from '../effects/quantiles.js';
import {marginOf, onScale} from '../effects/scale.js';
import type {Bins} from '../series/bins.js';
import {standardDeviation} from '../series/variance.js';
import {MIN_BINS, MIN_WINDOW} from './comparison.js';
import {driftOf, MIN_EFFECTIVE, NOTHING_KNOWN, type SteadyState, type SteadyStateRules} from './steady-state.js';

/** What was measured of a quantile in the baseline. */
export interface LatencyBaseline {
  readonly seconds: readonly LatencySecond[];
  readonly quantile: number;
  /** The quantile of each second, for the trend. */
  readonly perSecond: Bins;
}

/** Standard deviation of the redrawn quantiles, on the log scale; Infinity when some of them have no value. */
function spreadOf({logs}: QuantileDraws): number {
  const spread = standardDeviation(Array.from(logs));
  return Number.isFinite(spread) ? spread : Infinity;
}

/**
 * The gate for a quantile over all requests (research/statistics 3.1): its noise is the spread of the redrawn quantiles, by which it will be judged, and
 * shrinks with the root of the length of a window.
 */
export function steadyLatencies(
  {seconds, quantile, perSecond}: LatencyBaseline,
  rules: SteadyStateRules & {readonly random: Random},
): SteadyState {
  const {worse, by, critical, faultBins, otherBins = seconds.length, alpha, random} = rules;
  const half = Math.floor(seconds.length / 2);
  const draw = (some: readonly LatencySecond[]) => drawQuantile(some, quantile, random);
  const [whole, first, second] = [draw(seconds), draw(seconds.slice(0, half)), draw(seconds.slice(half))];
  const halves = first && second && compareQuantiles(first, second, alpha);
  if (whole === undefined || halves === undefined) return NOTHING_KNOWN;
  const on = {scale: 'ratio' as const, baseline: []};
  const direction = worse === 'lower' ? 'lower' : 'higher';
  const [margin, harmful] = [marginOf(by, direction, on), marginOf(critical, direction, on)];
  // Noise of one second: the quantile of n seconds varies by it over √n.
  const noise = (spreadOf(whole) / wideningFor(seconds.length)) * Math.sqrt(seconds.length);
  const grain = 2 * resolution(whole.estimate);
  const leastFor = (before: number, during: number) => {
    const drawn = Math.hypot(wideningFor(before) / Math.sqrt(before), wideningFor(during) / Math.sqrt(during));
    const real = Math.sqrt(1 / before + 1 / during);
    return noise * (normalQuantile(1 - alpha) * drawn + normalQuantile(POWER) * real) + grain;
  };
  const least = leastFor(otherBins, faultBins);
  const windowFor = (distance: number) => shortestWindow(bins => leastFor(bins, bins) <= distance);
  const about = {
    detectable: Number.isFinite(least) ? (worse === 'lower' ? -Math.expm1(-least) : Math.expm1(least)) : null,
    change: Math.expm1(halves.log.estimate),
    windowForAllowed: windowFor(margin),
    windowForCritical: windowFor(harmful),
    windowForNoise: Math.max(MIN_WINDOW, Math.ceil((seconds.length * MIN_EFFECTIVE) / Math.max(1, halves.beyond))),
    drift: driftOf(onScale(perSecond, 'ratio'), {rules, margin, scale: 'ratio'}),
  };
  if (halves.log.lower > margin || halves.log.upper < -margin) return {state: 'not-steady', ...about};
  if (seconds.length < MIN_BINS || halves.beyond < MIN_EFFECTIVE) return {state: 'too-short', ...about};
  return {state: least > harmful ? 'underpowered' : 'steady', ...about};
}
