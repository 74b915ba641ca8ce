import {MIN_BINS, MIN_WINDOW} from '../least.js';
import {compareCounts, deflated, dispersionBetween, totalOf, type CountBin} from '../effects/counts.js';
import {detectableShare, windowForShare} from '../effects/detectable-share.js';
import {heldLevel} from './comparison.js';
import {driftOf, NOTHING_KNOWN, type SteadyState, type SteadyStateRules} from './steady-state.js';

/**
 * The gate for a share of failures: the halves are compared as counts, and the power is that of the
 * comparison of counts. Allowed, critical and detectable changes are differences of shares; only rises are looked for.
 */
export function steadyCounts(baseline: readonly CountBin[], rules: SteadyStateRules): SteadyState {
  const {by, critical, faultBins, otherBins = baseline.length, alpha} = rules;
  const total = totalOf(baseline);
  const half = Math.floor(baseline.length / 2);
  const halves = compareCounts(baseline.slice(0, half), baseline.slice(half), heldLevel(alpha));
  if (halves === undefined) return NOTHING_KNOWN;
  // The noise of the fault is taken to be that of the baseline.
  const {events, trials} = deflated(total, dispersionBetween(baseline, baseline).least);
  const perBin = {events: events / baseline.length, trials: trials / baseline.length};
  const before = {events: perBin.events * otherBins, trials: perBin.trials * otherBins};
  const detectable = detectableShare(before, perBin.trials * faultBins, alpha);
  const shares = baseline.map(bin => (bin.trials === 0 ? null : bin.events / bin.trials));
  const about = {
    detectable,
    change: halves.difference.estimate,
    windowForAllowed: windowForShare(perBin, by, alpha),
    windowForCritical: windowForShare(perBin, critical, alpha),
    windowForNoise: MIN_WINDOW,
    drift: driftOf(shares, {rules, margin: by, scale: 'level'}),
  };
  const {lower, upper} = halves.difference;
  if (lower > by || upper < -by) return {state: 'not-steady', ...about};
  if (baseline.length < MIN_BINS) return {state: 'too-short', ...about};
  return {state: detectable === null || detectable > critical ? 'underpowered' : 'steady', ...about};
}
