import {seededRandom} from '../../src/quantities/random.js';
import {judgeMetrics, overallVerdict, steadyState, type JudgedMetric} from '../../src/statistics/index.js';
import {autoregressiveNoise, OTHER_NOISES, type Noise} from './noise.js';
import {atMost, percent, type Effort, type Section} from './table.js';

const NOISES: readonly (readonly [noise: Noise, held: boolean])[] = [
  ...[0, 0.3, 0.6, 0.8].map(correlation => [autoregressiveNoise(correlation), true] as const),
  [autoregressiveNoise(0.9), false],
  ...OTHER_NOISES.map(noise => [noise, noise.name !== 'random walk' && !noise.name.startsWith('drift')] as const),
];

interface Cell {
  readonly noise: Noise;
  readonly bins: number;
  readonly metrics: number;
  readonly by: number;
  readonly runs: number;
  readonly seed: number;
}

/** The whole judgement on runs in which nothing happened: the share of deviated and of inconclusive experiments. */
function verdicts({noise, bins, metrics, by, runs, seed}: Cell) {
  const random = seededRandom(seed);
  const counts = {held: 0, deviated: 0, inconclusive: 0};
  for (let run = 0; run < runs; run++) {
    const judged = Array.from({length: metrics}, (_, i): JudgedMetric => {
      const all = noise.make(2 * bins, random);
      const measured = {kind: 'bins', baseline: all.slice(0, bins), fault: all.slice(bins)} as const;
      return {name: String(i), measured, worse: 'higher', by, critical: 0.5, primary: true};
    });
    counts[overallVerdict(judgeMetrics(judged, {alpha: 0.01, random}))!]++;
  }
  return {deviated: counts.deviated / runs, inconclusive: counts.inconclusive / runs, held: counts.held / runs};
}

/** False alarms of whole experiments, with Holm and the detector of transients. */
export function experiments({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = NOISES.flatMap(([noise, holds], n) =>
    (
      [
        [60, 1],
        [60, 5],
        [300, 1],
      ] as const
    ).map(([bins, metrics]) => {
      const cell = {noise, bins, metrics, runs, seed: seed + 100 * n + bins + metrics};
      const strict = verdicts({...cell, by: 0});
      const tolerant = verdicts({...cell, by: 0.1});
      const what = `false alarms of experiments, ${noise.name}, ${bins} bins, ${metrics} metrics`;
      if (holds) failures.push(...atMost(what, strict.deviated, 0.013, runs));
      failures.push(...atMost(`${what}, 10 % allowed`, tolerant.deviated, holds ? 0.01 : 0.02, runs));
      return [
        noise.name,
        String(bins),
        String(metrics),
        percent(strict.deviated),
        percent(tolerant.deviated),
        percent(tolerant.inconclusive),
        percent(tolerant.held),
      ];
    }),
  );
  return {
    title: 'False alarms of whole experiments',
    about:
      'Nothing happened; means, detector and correction for several metrics together. The share of experiments (%) that end as deviated when no change at all is allowed, and the three verdicts when 10 % are. Drift and random walk are real changes: with nothing allowed they are found, as they should be.',
    columns: ['noise', 'bins', 'metrics', 'deviated, 0 % allowed', 'deviated, 10 % allowed', 'inconclusive', 'held'],
    rows,
    failures,
  };
}

/** How often the gate stops a steady baseline, and how often it stops one that jumps. */
export function gate({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = [0, 0.3, 0.6].map(correlation => {
    const random = seededRandom(seed + Math.round(10 * correlation));
    const noise = autoregressiveNoise(correlation);
    const stopped = (times: number) => {
      let count = 0;
      for (let run = 0; run < runs; run++) {
        const baseline = noise.make(120, random).map((value, i) => (i < 60 ? value : value * times));
        const rules = {worse: 'higher', by: 0.1, critical: 0.5, faultBins: 60, alpha: 0.01} as const;
        if (steadyState(baseline, rules).state === 'not-steady') count++;
      }
      return count / runs;
    };
    const [quiet, jump] = [stopped(1), stopped(1.5)];
    failures.push(...atMost(`gate, φ ${correlation}`, quiet, 0.01, runs));
    return [String(correlation), percent(quiet), percent(jump)];
  });
  return {
    title: 'The gate before the injection',
    about: 'A baseline of 120 bins is judged against itself, 10 % allowed: how often (%) it is called not steady.',
    columns: ['φ', 'nothing happened', 'its second half is 50 % higher'],
    rows,
    failures,
  };
}
