import {present, type Bins} from '../series/bins.js';
import {meanOf, standardDeviation} from '../series/variance.js';
import type {Detection, DetectorRules} from './detector.js';
import {usualOf} from './usual.js';

/** The true beginning lies before what is told in one of twenty runs at most. */
const ALPHA = 0.05;

/**
 * The earliest bin with which a change that was found may have begun. The sum of the detector starts anew by chance
 * while a small change lasts, so what it takes for the beginning may be late. A beginning is believed as long as its
 * likelihood is at least ALPHA of that of the one found (normal noise, Hinkley 1970), with the log-likelihood divided
 * by how much neighbours go together.
 */
export function earliestOnset(
  baseline: Bins,
  window: Bins,
  {detection, margin, sign}: Pick<DetectorRules, 'margin' | 'sign'> & {readonly detection: Detection},
): number {
  const {onset, beyond} = detection;
  const usual = usualOf(baseline);
  const values = present(baseline);
  const spread = standardDeviation(values);
  if (usual === undefined || !(spread > 0)) return onset;
  const centre = sign * meanOf(values) + margin;
  const size = beyond / spread;
  let earliest = onset;
  let likelihood = 0;
  for (let bin = onset - 1; bin >= 0; bin--) {
    const value = window[bin] ?? null;
    if (value !== null) likelihood += (size * (sign * value - centre)) / spread - size ** 2 / 2;
    if (likelihood >= Math.log(ALPHA) * usual.inflation) earliest = bin;
  }
  return earliest;
}
