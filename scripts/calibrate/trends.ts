import {seededRandom} from '../../src/quantities/random.js';
import {hasTrend} from '../../src/statistics/series/trend.js';
import {autoregressiveNoise, burstNoise, OTHER_NOISES, slowNoise, type Noise} from './noise.js';
import {atMost, percent, share, type Effort, type Section} from './table.js';

/** A kind of noise without a trend, and how often one may be proven. */
const STEADY: readonly (readonly [noise: Noise, limit: number])[] = [
  ...[0, 0.3, 0.5].map(correlation => [autoregressiveNoise(correlation), 0.013] as const),
  ...[0.8, 0.9].map(correlation => [autoregressiveNoise(correlation), 0.02] as const),
  [slowNoise(0.9), 0.02],
  [burstNoise({every: 40, times: 1.6, even: false}), 0.013],
  ...OTHER_NOISES.filter(({name}) => name === 'spiky').map(noise => [noise, 0.013] as const),
];
const BINS = [60, 120, 300] as const;
const RISE = 0.3;

/** How often a baseline is said to rise or fall, when it does not and when it does. */
export function trends({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = STEADY.flatMap(([{name, make}, limit]) =>
    BINS.map(bins => {
      const random = seededRandom(seed + bins);
      const proven = (rise: number) =>
        share(runs, () => hasTrend(make(bins, random).map((value, i) => Math.log(value) + (rise * i) / bins)));
      const [wrong, found] = [proven(0), proven(RISE)];
      failures.push(...atMost(`trend, ${name}, ${bins} bins`, wrong, limit, runs));
      return [name, String(bins), percent(wrong), percent(found)];
    }),
  );
  return {
    title: 'Trends of a baseline',
    about:
      'How often (%) it is called proven that a baseline rises or falls: when it only varies, and when it rises by 30 % over its length. A spread of 20 % from bin to bin.',
    columns: ['noise', 'bins', 'steady', 'rises by 30 %'],
    rows,
    failures,
  };
}
