import {seededRandom, type Random} from '../../src/quantities/random.js';
import {normalCdf, normalQuantile} from '../../src/statistics/distributions/normal.js';
import {steadyCounts} from '../../src/statistics/decisions/steady-counts.js';
import {steadyLatencies} from '../../src/statistics/decisions/steady-latencies.js';
import type {Measured} from '../../src/statistics/decisions/metric.js';
import {steadyState as steadyBins, type SteadyState} from '../../src/statistics/decisions/steady-state.js';
import {judgeMetrics} from '../../src/statistics/index.js';
import {standardDeviation} from '../../src/statistics/series/variance.js';
import {errorSeconds, latencies} from './counts.js';
import {
  autoregressive,
  autoregressiveNoise,
  burstNoise,
  normals,
  OTHER_NOISES,
  slowNoise,
  type Noise,
} from './noise.js';
import {atLeast, atMost, percent, type Effort, type Section} from './table.js';

export const ALPHA = 0.01;
export const HELD_ALPHA = 0.05;

/** A kind of metric: what a baseline and a fault window of it look like when it is `change` worse during the fault. */
export interface Kind {
  readonly name: string;
  readonly worse: 'higher' | 'lower';
  readonly make: (
    seconds: {readonly baseline: number; readonly fault: number},
    change: number,
    random: Random,
  ) => Measured;
}

/** Both windows are one stretch of the process, so that what the noise has of memory goes from the one into the other. */
export const meanOf = ({name, make}: Noise): Kind => ({
  name: `mean, ${name}`,
  worse: 'higher',
  make: ({baseline, fault}, change, random) => {
    const all = make(baseline + fault, random);
    return {
      kind: 'bins',
      baseline: all.slice(0, baseline),
      fault: all.slice(baseline).map(value => value * (1 + change)),
    };
  },
});

export const p95 = (correlation: number): Kind => ({
  name: `p95 of 50/s, level φ ${correlation}`,
  worse: 'higher',
  make: ({baseline, fault}, change, random) => ({
    kind: 'latency',
    quantile: 0.95,
    baseline: latencies(baseline, correlation, {random}),
    fault: latencies(fault, correlation, {random, times: 1 + change}),
  }),
});

/** Requests a second of a load of others: a Poisson number around a level that moves. */
export const throughput = (correlation: number): Kind => ({
  name: `throughput of 50/s, Poisson, level φ ${correlation}`,
  worse: 'lower',
  make: ({baseline, fault}, change, random) => {
    const normal = normals(random);
    const counted = (level: number, times: number) => {
      const mean = 50 * times * Math.exp(0.1 * level);
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    };
    const levels = Array.from(autoregressive(baseline + fault, correlation, normal));
    return {
      kind: 'bins',
      baseline: levels.slice(0, baseline).map(level => counted(level, 1)),
      fault: levels.slice(baseline).map(level => counted(level, 1 - change)),
    };
  },
});

export const errors: Kind = {
  name: 'errors of 50/s, 1 %',
  worse: 'higher',
  make: ({baseline, fault}, change, random) => ({
    kind: 'counts',
    baseline: errorSeconds(baseline, 0.01, random),
    fault: errorSeconds(fault, 0.01 + change, random),
  }),
};

export interface Cell {
  readonly kind: Kind;
  readonly baseline: number;
  readonly fault: number;
  readonly by: number;
}

/** What the gate says to this baseline. */
export function gateOf(
  measured: Measured,
  {kind: {worse}, fault, by}: Pick<Cell, 'kind' | 'fault' | 'by'>,
  random: Random,
): SteadyState {
  const rules = {worse, by, critical: 5 * by, faultBins: fault, alpha: ALPHA, random};
  if (measured.kind === 'counts') return steadyCounts(measured.baseline, rules);
  if (measured.kind === 'latency') {
    return steadyLatencies({seconds: measured.baseline, quantile: measured.quantile, perSecond: []}, rules);
  }
  if (measured.kind !== 'bins') throw new TypeError(`no gate for ${measured.kind}`);
  return steadyBins(measured.baseline, rules);
}

/** What becomes of runs in which the metric gets this much worse: shares of all runs, also of those that the gate stopped. */
function outcomes(cell: Cell, change: number, {runs, seed}: Effort) {
  const random = seededRandom(seed);
  const {kind, baseline, fault, by} = cell;
  const counts = {begun: 0, held: 0, deviated: 0};
  const estimates: number[] = [];
  let margin = NaN;
  for (let run = 0; run < runs; run++) {
    const measured = kind.make({baseline, fault}, change, random);
    const metric = {name: kind.name, measured, worse: kind.worse, by, critical: 5 * by, primary: true};
    const [judged] = judgeMetrics([metric], {alpha: ALPHA, random});
    const [direction] = judged?.comparison?.directions ?? [];
    if (direction !== undefined && Number.isFinite(direction.estimate)) {
      estimates.push(direction.estimate);
      ({margin} = direction);
    }
    if (judged === undefined || gateOf(measured, cell, random).state !== 'steady') continue;
    counts.begun++;
    if (judged.verdict !== 'inconclusive') counts[judged.verdict]++;
  }
  const share = (count: number) => count / runs;
  return {
    begun: share(counts.begun),
    held: share(counts.held),
    deviated: share(counts.deviated),
    spread: standardDeviation(estimates),
    margin,
  };
}

/** How often a one-sided normal test decides that knows the variance of the estimate: no test can do better by the mean alone. */
function limitOf(distance: number, spread: number, level: number): number {
  return normalCdf(distance / spread - normalQuantile(1 - level));
}

/** What is asked of each cell: so much of the limit. */
const OF_LIMIT = 0.85;

const DECIDING: readonly (readonly [cell: Cell, asked: boolean])[] = [
  ...[0.3, 0.5].flatMap(correlation => {
    const kind = meanOf(autoregressiveNoise(correlation));
    return [
      [{kind, baseline: 120, fault: 60, by: 0.1}, true],
      [{kind, baseline: 60, fault: 60, by: 0.2}, true],
      [{kind, baseline: 300, fault: 300, by: 0.1}, true],
      [{kind, baseline: 30, fault: 30, by: 0.5}, true],
    ] as const;
  }),
  [{kind: meanOf(autoregressiveNoise(0.8)), baseline: 300, fault: 300, by: 0.1}, false],
  [{kind: p95(0.3), baseline: 120, fault: 60, by: 0.1}, true],
  [{kind: p95(0.5), baseline: 120, fault: 60, by: 0.1}, true],
  [{kind: p95(0.3), baseline: 30, fault: 30, by: 0.2}, false],
  [{kind: throughput(0), baseline: 120, fault: 60, by: 0.1}, true],
  [{kind: throughput(0.5), baseline: 120, fault: 60, by: 0.1}, true],
  [{kind: errors, baseline: 120, fault: 60, by: 0.01}, true],
];

const windows = ({baseline, fault}: Cell) => `${baseline}/${fault}`;

/** How often runs of the usual lengths are decided, gate included, beside what is possible. */
export function decides({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = DECIDING.map(([cell, asked], i) => {
    const effort = {runs, seed: seed + 10 * i};
    const nothing = outcomes(cell, 0, effort);
    const twice = outcomes(cell, 2 * cell.by, {...effort, seed: effort.seed + 1});
    const held = limitOf(nothing.margin, nothing.spread, HELD_ALPHA);
    const what = `${cell.kind.name}, ${windows(cell)} s, ${percent(cell.by)} % allowed`;
    // The spread itself is known from these runs only: two of its standard errors (σ/√2n) are granted.
    const least = limitOf(nothing.margin, nothing.spread * (1 + 2 / Math.sqrt(2 * runs)), HELD_ALPHA);
    if (asked) failures.push(...atLeast(`held, ${what}`, nothing.held, OF_LIMIT * least, runs));
    failures.push(...atMost(`deviated though nothing happened, ${what}`, nothing.deviated, 0.013, runs));
    return [
      cell.kind.name,
      windows(cell),
      percent(cell.by),
      percent(nothing.begun),
      percent(nothing.held),
      percent(held),
      percent(nothing.deviated),
      percent(twice.deviated),
    ];
  });
  return {
    title: 'How often a run decides',
    about:
      'Whole runs of one metric with a spread of 20 % (p95: 50 requests a second), gate included; a run that the gate stops is not held. "Possible" is what a one-sided normal test at 5 % would hold that knows the variance: no other can hold more by the mean. The last two columns: deviated when nothing happened, and when the metric got worse by twice what is allowed.',
    columns: ['metric', 'baseline/fault, s', 'allowed %', 'begun', 'held', 'possible', 'deviated', 'deviated at twice'],
    rows,
    failures,
  };
}

const FAMILIES: readonly Kind[] = [
  ...[0, 0.5, 0.8, 0.9].map(correlation => meanOf(autoregressiveNoise(correlation))),
  ...[0.9, 0.95].map(correlation => meanOf(slowNoise(correlation))),
  ...[
    {seconds: 4, every: 40, times: 1.6, even: true},
    {seconds: 5, every: 60, times: 3, even: true},
    {every: 40, times: 1.6, even: false},
    {every: 60, times: 3, even: false},
  ].map(bursts => meanOf(burstNoise(bursts))),
  ...OTHER_NOISES.filter(({name}) => !name.startsWith('drift') && name !== 'random walk').map(meanOf),
  p95(0.5),
  p95(0.9),
  throughput(0.9),
  errors,
];

/** How often each proof is wrong where it is hardest: the change is exactly what is allowed. */
export function atTheMargin({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = FAMILIES.flatMap((kind, i) =>
    (
      [
        [120, 60],
        [60, 60],
      ] as const
    ).map(([baseline, fault]) => {
      const cell = {kind, baseline, fault, by: kind === errors ? 0.01 : 0.1};
      const effort = {runs, seed: seed + 10 * i + baseline};
      const margin = outcomes(cell, cell.by, effort);
      const nothing = outcomes(cell, 0, {...effort, seed: effort.seed + 1});
      const what = `${kind.name}, ${windows(cell)} s`;
      failures.push(
        ...atMost(`held at the margin, ${what}`, margin.held, HELD_ALPHA, runs),
        ...atMost(`deviated at the margin, ${what}`, margin.deviated, 0.013, runs),
        ...atMost(`deviated though nothing happened, ${what}`, nothing.deviated, 0.013, runs),
      );
      return [
        kind.name,
        windows(cell),
        percent(margin.begun),
        percent(margin.held),
        percent(margin.deviated),
        percent(nothing.deviated),
      ];
    }),
  );
  return {
    title: 'How often a proof is wrong',
    about:
      'The metric got worse by exactly what is allowed, so neither answer is right: the share of runs (%) that the gate let begin, that held (must: 5 at most) and that deviated (must: 1.3 at most); last, those that deviated though nothing happened.',
    columns: ['metric', 'baseline/fault, s', 'begun', 'held', 'deviated', 'deviated, nothing happened'],
    rows,
    failures,
  };
}
