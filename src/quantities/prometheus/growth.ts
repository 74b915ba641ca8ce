import {increasePerBin, increasesOf, sumOfSeries, type BinGrid} from './counter.js';
import type {Life} from './life.js';

/**
 * By how much the counters grew together in each bin: each is differenced by itself. Bins that one of them goes on
 * unseen in are missing.
 */
export function growthPerBin(lives: readonly Life[], grid: BinGrid, gapMs: number): readonly (number | null)[] {
  if (lives.length === 0) return new Array<null>(grid.bins).fill(null);
  return sumOfSeries(
    lives.map(({samples}) => increasePerBin(increasesOf(samples, gapMs), grid)),
    lives.map(({samples, state}) => ({
      before: (samples[0]?.atMs ?? Infinity) < grid.fromMs && (samples.at(-1)?.atMs ?? 0) > grid.fromMs,
      after: state === 'unseen',
    })),
  );
}

/** What a gauge said in each bin: the median of its samples; `several` where more than one series has any. */
export function valuesPerBin(
  lives: readonly Life[],
  {fromMs, binMs, bins}: BinGrid,
): readonly (number | null | 'several')[] {
  return Array.from({length: bins}, (_, bin) => {
    const startMs = fromMs + bin * binMs;
    const inside = lives
      .map(({samples}) =>
        samples.filter(({atMs, value}) => atMs >= startMs && atMs < startMs + binMs && Number.isFinite(value)),
      )
      .filter(samples => samples.length > 0);
    const [first] = inside;
    if (first === undefined) return null;
    if (inside.length > 1) return 'several';
    const values = first.map(({value}) => value).sort((a, b) => a - b);
    const middle = (values.length - 1) / 2;
    return ((values[Math.floor(middle)] ?? 0) + (values[Math.ceil(middle)] ?? 0)) / 2;
  });
}
