import {seededRandom} from '../../src/quantities/random.js';
import {areaOf, detectChange, recoveryTime} from '../../src/statistics/index.js';
import {autoregressive, normals} from './noise.js';
import {atLeast, atMost, percent, share, type Effort, type Section} from './table.js';

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** The detector of changes in a part of the window. */
export function detector({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const cells = [
    [0, 60],
    [0.3, 60],
    [0.6, 60],
    [0.6, 120],
    [0.8, 120],
    [0.3, 300],
    [0.9, 120],
  ] as const;
  const rows = cells.map(([correlation, bins], i) => {
    const normal = normals(seededRandom(seed + i));
    const rules = {margin: 0, sign: 1, alpha: 0.01} as const;
    const run = (change: number) => {
      const noise = Array.from(autoregressive(2 * bins, correlation, normal));
      return detectChange(
        noise.slice(0, bins),
        noise.slice(bins).map(z => z + change),
        rules,
      );
    };
    const alarms = share(runs, () => run(0) !== undefined);
    const delays = [3, 5, 10].map(change => {
      const found = Array.from({length: Math.ceil(runs / 4)}, () => run(change)?.detected ?? Infinity);
      return median(found) + 1;
    });
    failures.push(
      ...atMost(`detector, φ ${correlation}, ${bins} bins`, alarms, correlation > 0.8 ? 0.03 : 0.013, runs),
    );
    if (delays[2] !== 3)
      failures.push(
        `detector, φ ${correlation}, ${bins} bins: ten deviations are seen after ${delays[2]} bins, expected 3`,
      );
    return [String(correlation), String(bins), percent(alarms), ...delays.map(String)];
  });
  return {
    title: 'Time to detect',
    about:
      'Baseline and fault window of this many bins, no margin: the share of quiet windows with an alarm (%, nominal 1), and the median number of bins until a change of 3, 5 and 10 standard deviations is proven.',
    columns: ['φ', 'bins', 'false alarms', '3 σ', '5 σ', '10 σ'],
    rows,
    failures,
  };
}

/** How a fault wears off after its undo: ln of the relative level at a second. */
const RECOVERIES = [
  {name: 'at once after 12 s', at: (t: number) => (t < 12 ? Math.log(2) : 0)},
  {name: 'at once after 35 s', at: (t: number) => (t < 35 ? Math.log(2) : 0)},
  {name: 'exponential, 15 s', at: (t: number) => Math.log1p(2 * Math.exp(-t / 15))},
  {name: 'linear over 60 s', at: (t: number) => Math.log1p(Math.max(0, 1 - t / 60))},
];
const MARGIN = Math.log(1.1);

function truth(at: (t: number) => number): number {
  let bin = 0;
  while (at(bin + 0.5) > MARGIN) bin++;
  return bin;
}

/** Whether the interval of the time to recover holds the true time. */
export function recovery({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = RECOVERIES.flatMap(({name, at}, r) =>
    (
      [
        [0.05, 0],
        [0.1, 0],
        [0.1, 0.6],
        [0.2, 0.3],
      ] as const
    ).map(([spread, correlation], c) => {
      const normal = normals(seededRandom(seed + 10 * r + c));
      const real = truth(at);
      let [inside, censored] = [0, 0];
      const ends: [number[], number[]] = [[], []];
      for (let run = 0; run < runs; run++) {
        const baseline = Array.from(autoregressive(120, correlation, normal), z => spread * z);
        const after = Array.from(autoregressive(150, correlation, normal), (z, t) => spread * z + at(t + 0.5));
        const {atLeast: low, atMost: high} = recoveryTime(baseline, after, {
          margin: MARGIN,
          sign: 1,
          alpha: 0.025,
        })!.took;
        if (low <= real && (high === null || high >= real)) inside++;
        if (high === null) censored++;
        ends[0].push(low);
        ends[1].push(high ?? Infinity);
      }
      failures.push(...atLeast(`recovery ${name}, spread ${spread}, φ ${correlation}`, inside / runs, 0.95, runs));
      const end = median(ends[1]);
      return [
        name,
        `${percent(spread)} %`,
        String(correlation),
        String(real),
        percent(inside / runs),
        `${median(ends[0])} to ${Number.isFinite(end) ? end : 'not in 150'}`,
        percent(censored / runs),
      ];
    }),
  );
  return {
    title: 'Time to recover',
    about:
      'Seconds after the undo until a metric that was doubled (or trebled) is within 10 % again; baseline 120 s, watched for 150 s: how often the interval holds the true time (must: 95 %), its median ends, and how often it has no upper end.',
    columns: ['recovery', 'spread', 'φ', 'true', 'held %', 'interval', 'no upper end %'],
    rows,
    failures,
  };
}

/** The signed area against the positive part, with and without an effect. */
export function area({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = (
    [
      [0, 0],
      [0.3, 20],
      [0.3, 60],
    ] as const
  ).map(([change, lasts], i) => {
    const normal = normals(seededRandom(seed + i));
    const real = 100 * change * lasts;
    let [inside, signed, positive] = [0, 0, 0];
    for (let run = 0; run < runs; run++) {
      const noise = Array.from(autoregressive(180, 0.3, normal), z => Math.max(1, 100 * (1 + 0.2 * z)));
      const fault = noise.slice(120).map((value, t) => value + (t < lasts ? 100 * change : 0));
      const {relative} = areaOf(noise.slice(0, 120), fault, {sign: 1, binSeconds: 1, alpha: 0.01})!;
      if (100 * relative!.lower <= real && 100 * relative!.upper >= real) inside++;
      signed += (100 * relative!.estimate) / runs;
      positive += fault.reduce((sum, value) => sum + Math.max(0, value - 100), 0) / runs;
    }
    failures.push(...atLeast(`area, +${100 * change} % for ${lasts} s`, inside / runs, 0.97, runs));
    return [
      lasts === 0 ? 'none' : `+${100 * change} % for ${lasts} s`,
      real.toFixed(0),
      signed.toFixed(0),
      percent(inside / runs),
      positive.toFixed(0),
    ];
  });
  return {
    title: 'Area of degradation',
    about:
      'A window of 60 s after a baseline of 120 s, spread 20 %, φ 0.3: the true area (%·s), the mean of the signed area, how often its interval holds the truth, and what the usual positive part says instead.',
    columns: ['effect', 'true', 'signed area', 'held %', 'positive part'],
    rows,
    failures,
  };
}
