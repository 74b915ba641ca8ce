/* The latency histogram beside the one of Node (perf_hooks, HdrHistogram in C): recording, adding up and asking for a quantile, both in the same run on
 * the same values. Rounds are interleaved; medians are shown. Run: node_modules/.bin/tsx bench/histogram.ts */
import {createHistogram} from 'node:perf_hooks';
import {bucketOf, mergeHistograms, quantileOf, type SparseHistogram} from '../src/quantities/histogram.js';
import {seededRandom} from '../src/quantities/random.js';
import {median} from './measuring.js';

const VALUES = 1_000_000;
const PARTS = 600;
const ROUNDS = 5;

const random = seededRandom(1);
/** Latencies in µs around 20 ms with a long tail. */
const values = Float64Array.from({length: VALUES}, () =>
  Math.ceil(20_000 * Math.exp(0.5 * (random() + random() + random() + random() - 2) * Math.sqrt(3))),
);

/** As the load's recorder does it: counts by bucket, for each second. */
function recorded(from: number, to: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = from; i < to; i++) {
    const bucket = bucketOf(values[i] ?? 0);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return counts;
}

function nodes(from: number, to: number) {
  const histogram = createHistogram();
  for (let i = from; i < to; i++) histogram.record(values[i] ?? 1);
  return histogram;
}

const each = VALUES / PARTS;
const spans = Array.from({length: PARTS}, (_, i) => [Math.floor(i * each), Math.floor((i + 1) * each)] as const);
const ownParts = spans.map(([from, to]): SparseHistogram => [...recorded(from, to)].sort(([a], [b]) => a - b));
const nodeParts = spans.map(([from, to]) => nodes(from, to));

/** What is measured, how many times it is done in a round, and by whom. */
const TASKS = [
  ['record a value', 'own', VALUES, () => recorded(0, VALUES)],
  ['record a value', 'node', VALUES, () => nodes(0, VALUES)],
  ['add up 600 seconds', 'own', 1, () => mergeHistograms(ownParts)],
  [
    'add up 600 seconds',
    'node',
    1,
    () => {
      const whole = createHistogram();
      for (const part of nodeParts) whole.add(part);
      return whole;
    },
  ],
  ['a quantile of a second', 'own', PARTS, () => ownParts.map(part => quantileOf(part, 0.99))],
  ['a quantile of a second', 'node', PARTS, () => nodeParts.map(part => part.percentile(99))],
] as const;

const taken = TASKS.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  TASKS.forEach(([, , times, work], i) => {
    const start = performance.now();
    work();
    taken[i]?.push(((performance.now() - start) * 1e6) / times);
  });
}
console.log(`medians of ${ROUNDS} rounds, ns each`);
TASKS.forEach(([name, by], i) => {
  console.log(
    `${name.padEnd(24)} ${by.padEnd(6)} ${median(taken[i] ?? [])
      .toFixed(0)
      .padStart(12)}`,
  );
});
const whole = mergeHistograms(ownParts);
const exact = [...values].sort((a, b) => a - b);
const [of, truth, theirs] = [
  quantileOf(whole, 0.99) ?? NaN,
  exact[Math.ceil(0.99 * VALUES) - 1] ?? NaN,
  nodes(0, VALUES).percentile(99),
];
console.log(`p99: exact ${truth} µs, own ${of} µs, node ${theirs} µs`);
