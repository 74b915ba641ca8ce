/* How long it takes to judge an hour: 20 metrics sampled ten times a second, and 20 latency quantiles and error counts of loads, each over a baseline and
 * a fault window of an hour. Ends with 1 when 20 metrics of one kind take a second of processor time or 200 MiB. Run: node_modules/.bin/tsx bench/judge.ts */
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {seededRandom} from '../src/quantities/random.js';
import type {Sample} from '../src/signals/contract.js';
import {binned, judgeMetrics, steadyState, type JudgedMetric, type LatencySecond} from '../src/statistics/index.js';
import {secondOf} from '../scripts/calibrate/counts.js';
import {autoregressive, normals} from '../scripts/calibrate/noise.js';

/** So that what made the data is not counted with what judges it. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const METRICS = 20;
const HOUR = 3600;
const HERTZ = 10;
const MAX_SECONDS = 1;
const MAX_MIB = 200;

const random = seededRandom(1);
const normal = normals(random);
const MIB = 1024 * 1024;

function samples(from: number): Sample[] {
  return Array.from(autoregressive(HOUR * HERTZ, 0.9, normal), (z, i) => ({
    t: from + (i * 1e6) / HERTZ,
    d: 800,
    value: 100 * Math.exp(0.2 * z),
  }));
}

function latencies(): LatencySecond[] {
  return Array.from({length: HOUR}, () => secondOf(Array.from({length: 100}, () => 20_000 * Math.exp(0.4 * normal()))));
}

const counts = () => Array.from({length: HOUR}, () => ({events: random() < 0.2 ? 1 : 0, trials: 100}));

/** Processor seconds and the highest growth of memory while something runs. */
function measured(name: string, run: () => void): {seconds: number; mib: number} {
  collectGarbage();
  const before = process.memoryUsage().rss;
  const cpu = process.cpuUsage();
  const started = performance.now();
  run();
  const used = process.cpuUsage(cpu);
  const seconds = (used.user + used.system) / 1e6;
  const mib = (process.memoryUsage().rss - before) / MIB;
  const wall = (performance.now() - started) / 1000;
  console.log(`${name.padEnd(58)} ${seconds.toFixed(2)} s of processor, ${wall.toFixed(2)} s, +${mib.toFixed(0)} MiB`);
  return {seconds, mib};
}

const metric = (measuredAs: JudgedMetric['measured'], i: number): JudgedMetric => ({
  name: `metric ${i}`,
  measured: measuredAs,
  worse: 'higher',
  by: 0.1,
  critical: 0.5,
  primary: i < 5,
});
const twenty = <T>(make: () => T) => Array.from({length: METRICS}, make);

const spans = [
  {fromUs: 0, toUs: HOUR * 1e6},
  {fromUs: HOUR * 1e6, toUs: 2 * HOUR * 1e6},
] as const;
const sampled = twenty(() => spans.map(({fromUs}) => samples(fromUs)));
const result = measured(`${METRICS} metrics, 1 h and 1 h at ${HERTZ} Hz: gate and verdict`, () => {
  const metrics = sampled.map(([before = [], after = []], i) =>
    metric({kind: 'bins', baseline: binned(before, spans[0]), fault: binned(after, spans[1])}, i),
  );
  for (const {measured: of} of metrics) {
    if (of.kind !== 'bins') continue;
    steadyState(of.baseline, {worse: 'higher', by: 0.1, critical: 0.5, faultBins: HOUR, alpha: 0.01});
  }
  judgeMetrics(metrics, {alpha: 0.01, random});
});

const loads = twenty(() => [latencies(), latencies()] as const);
const quantiles = measured(`${METRICS} latency quantiles of 1 h and 1 h`, () => {
  const metrics = loads.map(([baseline, fault], i) => metric({kind: 'latency', quantile: 0.99, baseline, fault}, i));
  judgeMetrics(metrics, {alpha: 0.01, random});
});

const errors = twenty(() => [counts(), counts()] as const);
const shares = measured(`${METRICS} error counts of 1 h and 1 h`, () => {
  judgeMetrics(
    errors.map(([baseline, fault], i) => metric({kind: 'counts', baseline, fault}, i)),
    {alpha: 0.01, random},
  );
});

const peak = process.resourceUsage().maxRSS / 1024;
console.log(`${peak.toFixed(0)} MiB at the most, with the data that was judged`);
const within = [result, quantiles, shares].every(({seconds, mib}) => seconds < MAX_SECONDS && mib < MAX_MIB);
process.exitCode = within ? 0 : 1;
