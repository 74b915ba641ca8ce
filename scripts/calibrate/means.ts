import {seededRandom, type Random} from '../../src/quantities/random.js';
import {effectOf, limitsOf, meanShift} from '../../src/statistics/index.js';
import {autoregressiveNoise, OTHER_NOISES, type Noise} from './noise.js';
import {mannWhitney, welch} from './rivals.js';
import {atLeast, atMost, percent, share, type Effort, type Section} from './table.js';

const logs = (values: readonly number[]) => values.map(Math.log);

/** Two windows of one process, the second multiplied. */
function twoWindows(noise: Noise, length: number, {random, times = 1}: {random: Random; times?: number}) {
  const all = noise.make(2 * length, random);
  return {baseline: all.slice(0, length), fault: all.slice(length).map(value => value * times)};
}

/** Noise, bins in a window, what the study of the method found for it (percent), and the most it may be; null where something did happen. */
const FALSE_ALARMS: readonly (readonly [noise: Noise, bins: number, studied: string, limit: number | null])[] = [
  [autoregressiveNoise(0), 60, '0.0', 0.01],
  [autoregressiveNoise(0.3), 60, '0.3', 0.01],
  [autoregressiveNoise(0.6), 30, '0.4', 0.01],
  [autoregressiveNoise(0.6), 60, '0.4', 0.01],
  [autoregressiveNoise(0.6), 300, '0.6', 0.01],
  [autoregressiveNoise(0.8), 60, '1.0', 0.01],
  [autoregressiveNoise(0.9), 60, '2.0', 0.02],
  [autoregressiveNoise(0.9), 300, '1.4', 0.02],
  [autoregressiveNoise(0.95), 300, '2.0', 0.02],
  ...OTHER_NOISES.filter(({name}) => name !== 'random walk').map(
    noise => [noise, 120, '', noise.name.startsWith('drift') ? null : 0.01] as const,
  ),
];

/** How often the same process is called different from itself, at 1 %, both directions together. */
export function falseAlarms({runs, seed}: Effort): Section {
  const rows: string[][] = [];
  const failures: string[] = [];
  for (const [noise, bins, studied, limit] of FALSE_ALARMS) {
    const random = seededRandom(seed + bins);
    const counts = {welch: 0, ranks: 0, ours: 0};
    for (let run = 0; run < runs; run++) {
      const {baseline, fault} = twoWindows(noise, bins, {random});
      const [xs, ys] = [logs(baseline), logs(fault)];
      if (welch(xs, ys) < 0.01) counts.welch++;
      if (mannWhitney(xs, ys) < 0.01) counts.ranks++;
      const {lower, upper} = limitsOf(meanShift(xs, ys)!, 0.005);
      if (lower > 0 || upper < 0) counts.ours++;
    }
    rows.push([
      noise.name,
      String(bins),
      ...[counts.welch, counts.ranks, counts.ours].map(n => percent(n / runs)),
      studied,
    ]);
    if (limit !== null)
      failures.push(...atMost(`false alarms, ${noise.name}, ${bins} bins`, counts.ours / runs, limit, runs));
  }
  return {
    title: 'False alarms of the comparison of means',
    about:
      'Two windows of the same process, nothing happened; the share of runs (%) in which a test at 1 % says that they differ. Drift is a real change, and is found when it is there. "Study" is what the study of the method found.',
    columns: ['noise', 'bins', 'Welch t', 'Mann-Whitney', 'Firedrill', 'study'],
    rows,
    failures,
  };
}

/** How often the interval holds the truth, and how often a change of the size called detectable is detected. */
export function coverage({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = [0, 0.3, 0.6, 0.8].map(correlation => {
    const random = seededRandom(seed + Math.round(100 * correlation));
    const noise = autoregressiveNoise(correlation);
    let [inside, wide] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const {baseline, fault} = twoWindows(noise, 120, {random, times: 1.4});
      const {relative, detectable} = effectOf(baseline, fault, {alpha: 0.01})!;
      if (relative!.lower <= 0.4 && relative!.upper >= 0.4) inside++;
      wide += detectable!;
    }
    const size = wide / runs;
    const found = share(runs, () => {
      const {baseline, fault} = twoWindows(noise, 120, {random, times: 1 + size});
      return effectOf(baseline, fault, {alpha: 0.01})!.relative!.lower > 0;
    });
    failures.push(...atLeast(`coverage, φ ${correlation}`, inside / runs, 0.98, runs));
    failures.push(...atLeast(`detection at the detectable change, φ ${correlation}`, found, 0.72, runs));
    return [String(correlation), percent(inside / runs), percent(size), percent(found)];
  });
  return {
    title: 'Intervals and detectable changes',
    about:
      'Windows of 120 bins, +40 %: how often the interval (1 % each side) holds the truth (must: 98 %); the mean of the printed "smallest detectable change", and how often a change of that size is found (meant: 80 %).',
    columns: ['φ', 'interval holds the truth %', 'detectable change %', 'found %'],
    rows,
    failures,
  };
}
