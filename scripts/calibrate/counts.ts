import {seededRandom, type Random} from '../../src/quantities/random.js';
import {bucketOf, flatHistogram} from '../../src/quantities/histogram.js';
import {
  compareCounts,
  compareQuantiles,
  drawQuantile,
  type CountBin,
  type LatencySecond,
} from '../../src/statistics/index.js';
import {autoregressive, normals} from './noise.js';
import {atLeast, atMost, percent, share, type Effort, type Section} from './table.js';

/** Seconds of 50 requests each, of which this share fails by chance. */
export function errorSeconds(seconds: number, chance: number, random: Random): readonly CountBin[] {
  return Array.from({length: seconds}, () => ({
    events: Array.from({length: 50}, random).filter(draw => draw < chance).length,
    trials: 50,
  }));
}

const independent = (chance: number, random: Random) => errorSeconds(60, chance, random);

/** A fifth of the requests of a bad second fail. */
function bursts(chance: number, random: Random): readonly CountBin[] {
  return Array.from({length: 60}, () =>
    random() < 5 * chance ? independent(0.2, random)[0]! : {events: 0, trials: 50},
  );
}

/** The share of failures moves by 70 % of itself, over ten seconds. */
function wandering(chance: number, random: Random): readonly CountBin[] {
  const levels = Array.from(autoregressive(60, 0.9, normals(random)));
  return levels.map(level => errorSeconds(1, chance * Math.exp(0.7 * level - 0.7 ** 2 / 2), random)[0]!);
}

type Make = (chance: number, random: Random) => readonly CountBin[];
const CASES: readonly (readonly [name: string, make: Make, from: number, to: number, studied: number | null])[] = [
  ['no errors, then 1 %', independent, 0, 0.01, 1],
  ['no errors, then 0.2 %', independent, 0, 0.002, 0.38],
  ['0.1 %, then 1 %', independent, 0.001, 0.01, 1],
  ['0.2 %, then 1 %', independent, 0.002, 0.01, null],
  ['0.1 % both', independent, 0.001, 0.001, null],
  ['1 % both', independent, 0.01, 0.01, null],
  ['2 % in bursts both', bursts, 0.02, 0.02, null],
  ['1 % that wanders, φ 0.9, both', wandering, 0.01, 0.01, null],
];

/** The exact test of errors: 50 requests a second for 60 s in each window. */
export function errors({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = CASES.map(([name, make, from, to, studied], i) => {
    const random = seededRandom(seed + i);
    let [found, inside] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const effect = compareCounts(make(from, random), make(to, random), 0.01)!;
      if (effect.chanceAbove(0) <= 0.01) found++;
      if (effect.difference.lower <= to - from && effect.difference.upper >= to - from) inside++;
    }
    // The study deflates by the noise of 60 bins, which is itself noisy: clusters get a limit of 2 %.
    const most = make === independent ? 0.01 : 0.02;
    if (from === to) failures.push(...atMost(`errors, ${name}`, found / runs, most, runs));
    if (studied !== null) failures.push(...atLeast(`errors, ${name}`, found / runs, studied - 0.03, runs));
    if (make === independent) failures.push(...atLeast(`interval of errors, ${name}`, inside / runs, 0.97, runs));
    return [name, percent(found / runs), studied === null ? '' : percent(studied), percent(inside / runs)];
  });
  return {
    title: 'Errors',
    about:
      '50 requests a second, 60 s in each window, exact test at 1 %: the share of runs (%) in which more errors are found, and in which the interval holds the true difference.',
    columns: ['errors', 'found', 'study', 'interval holds the truth'],
    rows,
    failures,
  };
}

/** One second with requests that took so long, µs. */
export function secondOf(latenciesUs: Iterable<number>, unanswered = 0): LatencySecond {
  const counts = new Map<number, number>();
  for (const us of latenciesUs) counts.set(bucketOf(us), (counts.get(bucketOf(us)) ?? 0) + 1);
  return {histogram: flatHistogram([[...counts].sort(([a], [b]) => a - b)]), unanswered};
}

/** A load of 50 requests a second whose level moves from second to second. */
export function latencies(
  seconds: number,
  correlation: number,
  {random, times = 1}: {random: Random; times?: number},
): readonly LatencySecond[] {
  const normal = normals(random);
  return Array.from(autoregressive(seconds, correlation, normal), level =>
    secondOf(Array.from({length: 50}, () => times * 20_000 * Math.exp(0.15 * level + 0.4 * normal()))),
  );
}

/** Quantiles over all requests of a window. */
export function quantiles({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const cells = [
    [0.5, 0.3, 60],
    [0.95, 0, 60],
    [0.95, 0.6, 60],
    [0.99, 0.3, 60],
    [0.99, 0.6, 120],
  ] as const;
  const rows = cells.map(([q, correlation, seconds], i) => {
    const random = seededRandom(seed + i);
    const compared = (times: number) => {
      const draw = (by: number) => drawQuantile(latencies(seconds, correlation, {random, times: by}), q, random)!;
      return compareQuantiles(draw(1), draw(times), 0.01)!;
    };
    const alarms = share(runs, () => compared(1).log.lower > 0);
    let inside = 0;
    const found = share(runs, () => {
      const {relative} = compared(1.5);
      if (relative.lower <= 0.5 && relative.upper >= 0.5) inside++;
      return relative.lower > 0.1;
    });
    const what = `quantile ${q}, φ ${correlation}, ${seconds} s`;
    failures.push(...atMost(what, alarms, 0.01, runs), ...atLeast(`interval, ${what}`, inside / runs, 0.98, runs));
    return [
      `p${q * 100}`,
      String(correlation),
      String(seconds),
      percent(alarms),
      percent(inside / runs),
      percent(found),
    ];
  });
  return {
    title: 'Latency quantiles',
    about:
      'Quantiles over all requests of a window (50 a second, the level of the seconds correlated), limits of 1 % each by block bootstrap: false alarms, how often the interval holds a true +50 %, and how often +50 % is proven to be more than 10 %; in %.',
    columns: ['quantile', 'φ of the seconds', 'seconds', 'false alarms', 'interval holds the truth', '+50 % found'],
    rows,
    failures,
  };
}
