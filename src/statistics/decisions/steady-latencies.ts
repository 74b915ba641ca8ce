import {MIN_BINS, MIN_WINDOW} from '../least.js';
import type {Random} from '../../quantities/random.js';
import {drawQuantile, errorFactor} from '../effects/bootstrap.js';
import {shortestWindow} from '../effects/detectable.js';
import type {LatencySecond} from '../effects/latency-table.js';
import {compareQuantiles, resolution} from '../effects/quantiles.js';
import {marginOf, onScale} from '../effects/scale.js';
import type {Bins} from '../series/bins.js';
import {noiseOf, weighedAsFar, type Noise} from '../series/noise.js';
import {heldLevel} from './comparison.js';
import {
  detectableIn,
  driftOf,
  MIN_EFFECTIVE,
  NOTHING_KNOWN,
  type SteadyState,
  type SteadyStateRules,
} from './steady-state.js';

/** What was measured of a quantile in the baseline. */
export interface LatencyBaseline {
  readonly seconds: readonly LatencySecond[];
  readonly quantile: number;
  /** The quantile of each second, for the trend. */
  readonly perSecond: Bins;
}

/** A change on the log scale in the bad direction as a share of the baseline. */
function shareOf(log: number, worse: SteadyStateRules['worse']): number {
  return worse === 'lower' ? -Math.expm1(-log) : Math.expm1(log);
}

/** How a share of the baseline is told: as it is, or in the unit of the baseline. */
function inTerms(absolute: boolean | undefined, usual: number): (share: number) => number {
  return share => (absolute === true ? share * usual : share);
}

/**
 * The gate for a quantile over all requests: its noise is the spread of the redrawn quantiles, by which it will be
 * judged, and shrinks with the root of the length of a window.
 */
export function steadyLatencies(
  {seconds, quantile, perSecond}: LatencyBaseline,
  rules: SteadyStateRules & {readonly random: Random},
): SteadyState {
  const {worse, by, critical, absolute, faultBins, otherBins = seconds.length, alpha, random} = rules;
  const half = Math.floor(seconds.length / 2);
  const draw = (some: readonly LatencySecond[]) => drawQuantile(some, quantile, random);
  const [whole, first, second] = [draw(seconds), draw(seconds.slice(0, half)), draw(seconds.slice(half))];
  const halves = first && second && compareQuantiles(first, second, heldLevel(alpha));
  if (whole === undefined || halves === undefined) return NOTHING_KNOWN;
  const usual = whole.estimate / 1000;
  const on = {scale: 'ratio' as const, baseline: [usual], absolute};
  const told = inTerms(absolute, usual);
  const direction = worse === 'lower' ? 'lower' : 'higher';
  const [margin, harmful] = [marginOf(by, direction, on), marginOf(critical, direction, on)];
  const noise = noiseOf([whole.pieces]);
  const factor = errorFactor(whole);
  const grain = 2 * resolution(whole.estimate);
  const leastBy = (weighed: Noise, [before, during]: readonly [number, number], level: number) =>
    factor * detectableIn(weighed, [before / whole.perPiece, during / whole.perPiece], level) + grain;
  const leastFor = (before: number, during: number) => leastBy(noise, [before, during], alpha);
  const least = leastFor(otherBins, faultBins);
  const windowFor = (distance: number) => shortestWindow(bins => leastFor(bins, bins), distance);
  const drift = driftOf(onScale(perSecond, 'ratio'), {rules, margin, scale: 'ratio'});
  const about = {
    detectable: Number.isFinite(least) ? told(shareOf(least, worse)) : null,
    change: told(Math.expm1(halves.log.estimate)),
    windowForAllowed: windowFor(margin),
    windowForCritical: windowFor(harmful),
    windowForNoise: Math.max(MIN_WINDOW, Math.ceil((seconds.length * MIN_EFFECTIVE) / Math.max(1, halves.beyond))),
    drift: drift && {...drift, projected: told(drift.projected)},
  };
  if (halves.log.lower > margin || halves.log.upper < -margin) return {state: 'not-steady', ...about};
  if (seconds.length < MIN_BINS || halves.beyond < MIN_EFFECTIVE) return {state: 'too-short', ...about};
  const leastTold = leastBy(weighedAsFar(noise), [otherBins, faultBins], heldLevel(alpha));
  return {state: leastTold > harmful ? 'underpowered' : 'steady', ...about};
}
