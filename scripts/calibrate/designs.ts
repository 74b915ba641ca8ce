import {seededRandom, type Random} from '../../src/quantities/random.js';
import {limitsOf, meanShift, switchbackOrder, switchbackTest} from '../../src/statistics/index.js';
import {autoregressive, normals} from './noise.js';
import {atLeast, atMost, percent, share, type Effort, type Section} from './table.js';

const BLOCKS = 12;
const BLOCK_BINS = 10;

/** What disturbs the run besides the fault, per bin, on the log scale. */
const DISTURBANCES = [
  {
    name: 'AR 0.6',
    make: (bins: number, normal: () => number) => Array.from(autoregressive(bins, 0.6, normal), z => 0.2 * z),
    clean: true,
  },
  {
    name: 'AR 0.95',
    make: (bins: number, normal: () => number) => Array.from(autoregressive(bins, 0.95, normal), z => 0.2 * z),
    clean: false,
  },
  {
    name: 'ramp to +20 %',
    make: (bins: number, normal: () => number) =>
      Array.from(autoregressive(bins, 0.3, normal), (z, t) => 0.1 * z + Math.log1p((0.2 * t) / bins)),
    clean: false,
  },
] as const;

function switchback(noise: readonly number[], change: number, random: Random): boolean {
  const order = switchbackOrder(BLOCKS, random);
  const blocks = order.map((on, i) => {
    const bins = noise.slice(i * BLOCK_BINS, (i + 1) * BLOCK_BINS);
    return {on, mean: bins.reduce((sum, value) => sum + value, 0) / bins.length + (on ? change : 0)};
  });
  return switchbackTest(blocks, 0.01, random)!.chanceAbove(0) <= 0.01;
}

function beforeAfter(noise: readonly number[], change: number): boolean {
  const half = noise.length / 2;
  const shift = meanShift(
    noise.slice(0, half),
    noise.slice(half).map(value => value + change),
  )!;
  return limitsOf(shift, 0.01).lower > 0;
}

/** Randomised blocks against one before and one after, under what disturbs experiments. */
export function designs({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = DISTURBANCES.map(({name, make, clean}, i) => {
    const random = seededRandom(seed + i);
    const normal = normals(random);
    const bins = BLOCKS * BLOCK_BINS;
    const change = Math.log(1.5);
    const alarms = share(runs, () => switchback(make(bins, normal), 0, random));
    const power = share(runs, () => switchback(make(bins, normal), change, random));
    const before = share(runs, () => beforeAfter(make(bins, normal), 0));
    failures.push(
      ...atMost(`switchback, ${name}`, alarms, 0.01, runs),
      ...atLeast(`power of switchback, ${name}`, power, 0.75, runs),
    );
    if (clean) failures.push(...atMost(`before and after, ${name}`, before, 0.01, runs));
    return [name, percent(alarms), percent(power), percent(before)];
  });
  return {
    title: 'Switchback against before and after',
    about: `${BLOCKS} blocks of ${BLOCK_BINS} bins, on and off in random order, exact test at 1 %: false alarms and how often +50 % is found, in %; beside them the false alarms of one window before and one after, over the same time.`,
    columns: ['what else happens', 'switchback, false alarms', '+50 % found', 'before and after, false alarms'],
    rows,
    failures,
  };
}
