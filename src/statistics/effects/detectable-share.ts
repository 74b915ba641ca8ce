import {normalQuantile} from '../distributions/normal.js';
import {POWER, shortestWindow} from './detectable.js';
import {differenceLimits, type EventCount} from './shares.js';

/** Halvings of an interval of shares: 2^-30 is finer than any count. */
const HALVINGS = 30;

/**
 * What a window shows in the share POWER of all runs at least when its true share is this much above that of the
 * baseline: the lower quantile of the difference, by its normal approximation. The noise of both windows is put into
 * the second.
 */
function seenAtLeast(baseline: EventCount, rise: number, trials: number): EventCount {
  const before = baseline.events / baseline.trials;
  const share = before + rise;
  const spread = Math.sqrt((share * (1 - share)) / trials + (before * (1 - before)) / baseline.trials);
  return {events: Math.max(0, trials * (share - normalQuantile(POWER) * spread)), trials};
}

/**
 * The smallest rise of a share that windows like these show in the share POWER of all runs: the least difference at
 * which the lower limit of `differenceLimits`, by which it will be judged, is still above zero. Counts are already
 * deflated. Null when even a rise to one would be missed.
 */
export function detectableShare(baseline: EventCount, faultTrials: number, alpha: number): number | null {
  if (!(baseline.trials > 0) || !(faultTrials > 0)) return null;
  const before = baseline.events / baseline.trials;
  const shows = (rise: number) => differenceLimits(baseline, seenAtLeast(baseline, rise, faultTrials), alpha).lower > 0;
  let [low, high] = [0, 1 - before];
  if (!shows(high)) return null;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (shows(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * How many bins both windows must have, at this many (deflated) events and trials a bin, for a rise of a share to be
 * seen; null when no week would do.
 */
export function windowForShare(perBin: EventCount, rise: number, alpha: number): number | null {
  const least = (bins: number) => {
    const trials = perBin.trials * bins;
    return detectableShare({events: perBin.events * bins, trials}, trials, alpha) ?? Infinity;
  };
  return shortestWindow(least, rise);
}
