import {seededRandom, type Random} from '../../src/quantities/random.js';
import type {MetricVerdict} from '../../src/statistics/decisions/metric.js';
import {judgeMetrics, type JudgedMetric} from '../../src/statistics/index.js';
import {latencies} from './counts.js';
import {autoregressiveNoise, OTHER_NOISES} from './noise.js';
import {atLeast, percent, type Effort, type Section} from './table.js';

const ALPHA = 0.01;
/** The share of runs in which a suggestion that was followed must settle it. */
const CLAIMED = 0.8;

type Measured = (bins: number, random: Random) => JudgedMetric['measured'];

const bins =
  (make: (length: number, random: Random) => number[]): Measured =>
  (length, random) => {
    const all = make(2 * length, random);
    return {kind: 'bins', baseline: all.slice(0, length), fault: all.slice(length)};
  };

const spiky = OTHER_NOISES.find(({name}) => name === 'spiky')!;

/** Nothing happens in any of these; `by` is allowed. */
const CASES: readonly (readonly [name: string, measured: Measured, bins: number, by: number])[] = [
  ['mean, white', bins(autoregressiveNoise(0).make), 60, 0.1],
  ['mean, AR 0.3', bins(autoregressiveNoise(0.3).make), 60, 0.1],
  ['mean, AR 0.6', bins(autoregressiveNoise(0.6).make), 60, 0.2],
  ['mean, spiky', bins(spiky.make), 60, 0.2],
  [
    'p95, 50 a second',
    (length, random) => {
      const [baseline, fault] = [latencies(length, 0.3, {random}), latencies(length, 0.3, {random})];
      return {kind: 'latency', quantile: 0.95, baseline, fault};
    },
    30,
    0.2,
  ],
];

function judge(measured: JudgedMetric['measured'], by: number, random: Random): MetricVerdict {
  const metric: JudgedMetric = {name: 'it', measured, worse: 'higher', by, critical: 5 * by, primary: true};
  return judgeMetrics([metric], {alpha: ALPHA, random})[0]!;
}

/** The same run with one event of two bins in the fault, ten times as high. */
function withEvent(measured: JudgedMetric['measured']): JudgedMetric['measured'] {
  if (measured.kind !== 'bins') return measured;
  return {
    ...measured,
    fault: measured.fault.map((value, i) => (value !== null && (i === 20 || i === 21) ? 10 * value : value)),
  };
}

/** Runs that stay open, and what became of those that were run again with windows as long as was suggested. */
function followed([, measured, length, by]: (typeof CASES)[number], event: boolean, {runs, seed}: Effort) {
  const random = seededRandom(seed);
  const lengths: number[] = [];
  let [open, settled] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const made = measured(length, random);
    const {verdict, settles} = judge(event ? withEvent(made) : made, by, random);
    if (verdict !== 'inconclusive') continue;
    open++;
    if (settles === null) continue;
    lengths.push(settles);
    if (judge(measured(settles, random), by, random).verdict !== 'inconclusive') settled++;
  }
  const median = lengths.sort((a, b) => a - b)[Math.floor(lengths.length / 2)];
  return {open: open / runs, given: lengths.length, median, settled: settled / lengths.length};
}

/** Whether "windows of so long would settle it" is true. */
export function suggestions(effort: Effort): Section {
  const failures: string[] = [];
  const rows = CASES.flatMap((one, i) =>
    [false, true].flatMap(event => {
      const [name, , length, by] = one;
      if (event && name.startsWith('p95')) return [];
      const what = event ? `${name}, one event of 2 bins` : name;
      const {open, given, median, settled} = followed(one, event, {...effort, seed: effort.seed + i});
      if (given > 0) failures.push(...atLeast(`suggestion, ${what}`, settled, CLAIMED, given));
      const cells = given === 0 ? ['', ''] : [String(median), percent(settled)];
      return [[what, String(length), percent(by), percent(open), percent(given / effort.runs), ...cells]];
    }),
  );
  return {
    title: 'What would settle it',
    about:
      'Nothing happens; how many runs stay open (%), in how many of all (%) a longer window is suggested, its median length, and how often (%) another run with windows of that length is settled (claimed: 80).',
    columns: ['metric', 'bins', 'allowed %', 'open', 'suggested', 'median bins', 'settled'],
    rows,
    failures,
  };
}
