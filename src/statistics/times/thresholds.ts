import {THRESHOLDS} from './thresholds.generated.js';

/** How long the windows are (bins) and how correlated: what decides how high the alarms climb by chance. */
export interface Conditions {
  readonly baseline: number;
  readonly window: number;
  readonly correlation: number;
  /** Chance of a false alarm in the whole window, of both alarms together; from 0.0005 to 0.01. */
  readonly alpha: number;
}

/** Position of a value between grid points: index of the lower one and the share of the way to the next. */
interface GridPosition {
  readonly index: number;
  readonly share: number;
}

/** Where a value lies on a grid; outside it the nearest end counts, except on the sides where the line goes on. */
function between(
  grid: readonly number[],
  value: number,
  {as, goesOn}: {as: (x: number) => number; goesOn?: 'below' | 'above'},
): GridPosition {
  const after = grid.findIndex(point => point >= value);
  const index = Math.max(0, (after === -1 ? grid.length - 1 : after) - 1);
  const low = as(grid[index] ?? 0);
  const high = as(grid[index + 1] ?? 1);
  const share = (as(value) - low) / (high - low);
  return {index, share: Math.max(goesOn === 'below' ? -2 : 0, goesOn === 'above' ? share : Math.min(1, share))};
}

type Grid = readonly (readonly (readonly (readonly number[])[])[])[];

/** Multilinear interpolation of ln(threshold): it grows with ln of the lengths and with −ln(1 − correlation). */
function interpolated(grid: Grid, at: readonly [GridPosition, GridPosition, GridPosition, GridPosition]): number {
  let sum = 0;
  for (let corner = 0; corner < 16; corner++) {
    const high = at.map((_, axis) => (corner >> axis) & 1);
    const weight = at.reduce((product, {share}, axis) => product * (high[axis] === 1 ? share : 1 - share), 1);
    if (weight === 0) continue;
    const [t = 0, c = 0, b = 0, w = 0] = at.map(({index}, axis) => index + (high[axis] ?? 0));
    sum += weight * Math.log(grid[t]?.[c]?.[b]?.[w] ?? NaN);
  }
  return Math.exp(sum);
}

/**
 * What the sum of scores and the lowest of three must exceed, each at alpha/2, from the shipped table
 * (scripts/thresholds.ts): nothing is simulated while a run is judged. Windows longer than 1200 bins are extrapolated,
 * baselines longer than 600 bins count as 600.
 */
export function thresholdsFor({baseline, window, correlation, alpha}: Conditions): {
  readonly sum: number;
  readonly three: number;
} {
  const {tails, correlations, baselines, windows} = THRESHOLDS;
  const at = [
    between([...tails].reverse(), alpha / 2, {as: Math.log, goesOn: 'below'}),
    between(correlations, correlation, {as: x => -Math.log(1 - x)}),
    between(baselines, baseline, {as: Math.log}),
    between(windows, window, {as: Math.log, goesOn: 'above'}),
  ] as const;
  const flipped = (grid: Grid): Grid => [...grid].reverse();
  return {sum: interpolated(flipped(THRESHOLDS.sum), at), three: interpolated(flipped(THRESHOLDS.three), at)};
}
