import {RECOVERY_LOOK_BINS, RECOVERY_LOOKS_AFTER} from '../least.js';
import {studentQuantile} from '../distributions/student.js';
import {present, type Bins} from '../series/bins.js';
import {deviationsOf, type Deviations} from '../series/variance.js';
import {shiftOf, type WindowSide} from '../effects/shift.js';
import {usualOf, type Usual} from './usual.js';

/** Bins of one look; those that are to prove the return are longer where the noise needs it. */
const LOOK_BINS = RECOVERY_LOOK_BINS;
const BACK_BINS = [LOOK_BINS, 15, 20, 30, 45, 60] as const;
/** A look is long enough when its interval is inside the margin even where its mean is half a standard error off. */
const ROOM = 0.5;

/** A time without an end: it was still going on when the watch ended. */
export interface Episode {
  /** Bins after the undo: not recovered before `atLeast`, recovered by `atMost`; null: longer than was watched. */
  readonly atLeast: number;
  readonly atMost: number | null;
  /** For a recovery after a relapse: bins after the undo by which it was proven to be away again. */
  readonly relapsedBy?: number;
}

export interface RecoveryTime {
  /** The recovery that lasted: the last of `episodes`. */
  readonly took: Episode;
  /** All recoveries, in order; more than one means that it relapsed after it had been proven back. */
  readonly episodes: readonly Episode[];
  /** Bins watched. */
  readonly watched: number;
  /** What the newest look proves: still worse than allowed, inside it, or neither. */
  readonly latest: LookResult;
}

interface RecoveryRules {
  readonly margin: number;
  readonly sign: 1 | -1;
  readonly alpha: number;
}

export type LookResult = 'degraded' | 'back' | 'open';

/**
 * Noise of a look: as variable as its own bins or as the baseline's, whichever is more, and as correlated as the
 * baseline's.
 */
function lookSide(window: Deviations, baseline: WindowSide, perBin: number): WindowSide {
  const omega = perBin * Math.max(window.variance * (window.count / (window.count - 1)), baseline.omega / perBin);
  return {...baseline, mean: window.mean, count: window.count, omega};
}

function looksAt(
  usual: Usual,
  after: Bins,
  {margin, sign, alpha}: RecoveryRules,
  length: number,
): readonly LookResult[] {
  const {side, correlation, inflation} = usual;
  const reach = studentQuantile(1 - alpha, side.freedom);
  return Array.from({length: Math.max(0, after.length - length + 1)}, (_, start) => {
    const window = after.slice(start, start + length);
    if (present(window).length < length / 2) return 'open';
    const {estimate, standardError} = shiftOf(side, lookSide(deviationsOf(window), side, inflation), {correlation});
    if (sign * estimate - reach * standardError > margin) return 'degraded';
    return sign * estimate + reach * standardError < margin ? 'back' : 'open';
  });
}

/** How long a look must be for this noise to let it prove the return; the longest where none is. */
function backLength({side: {omega, count, freedom}}: Usual, {margin, alpha}: RecoveryRules): number {
  const reach = studentQuantile(1 - alpha, freedom) + ROOM;
  const enough = BACK_BINS.find(length => reach * Math.sqrt(omega / count + omega / length) < margin);
  return enough ?? Math.max(...BACK_BINS);
}

/**
 * How long the way back to the baseline took, as an interval. Looks of ten bins move over the time after the undo. Not
 * back before the start of the last look that is still proven degraded; back by the middle of the first after it that
 * is proven inside the margin and is followed by five more such: for any recovery that does not speed up again, the
 * mean of a look is reached by its middle. Where ten bins of this noise could not prove a return, the looks that do are
 * longer, up to sixty. A later look that is proven degraded is a relapse. Undefined when the baseline has fewer than
 * two values.
 */
export function recoveryTime(baseline: Bins, after: Bins, rules: RecoveryRules): RecoveryTime | undefined {
  const usual = usualOf(baseline);
  if (usual === undefined) return undefined;
  const length = backLength(usual, rules);
  const away = looksAt(usual, after, rules, LOOK_BINS);
  const returned = length === LOOK_BINS ? away : looksAt(usual, after, rules, length);
  const episodes: Episode[] = [];
  let atLeast = 0;
  let back = false;
  let relapse: Pick<Episode, 'relapsedBy'> = {};
  for (let end = LOOK_BINS; end <= after.length; end++) {
    const start = end - length;
    if (away[end - LOOK_BINS] === 'degraded') {
      if (back) relapse = {relapsedBy: end};
      back = false;
      atLeast = end - LOOK_BINS + 1;
    } else if (!back && start >= atLeast && staysBack(returned, start)) {
      back = true;
      episodes.push({atLeast, atMost: start + length / 2, ...relapse});
    }
  }
  const last = episodes.at(-1);
  const newest = away.at(-1) === 'degraded' ? 'degraded' : returned.at(-1);
  const about = {watched: after.length, latest: newest ?? 'open'};
  if (back && last !== undefined) return {took: last, episodes, ...about};
  const took = {atLeast, atMost: null, ...relapse};
  return {took, episodes: [...episodes, took], ...about};
}

/** A good look that is followed by enough others. */
function staysBack(looks: readonly LookResult[], start: number): boolean {
  const end = start + 1 + RECOVERY_LOOKS_AFTER;
  return end <= looks.length && looks.slice(start, end).every(look => look === 'back');
}
