import type {MetricSpec} from '../../src/experiment/experiment.js';
import {bucketOf} from '../../src/quantities/histogram.js';
import {seededRandom, type Random} from '../../src/quantities/random.js';
import type {LoadSecond, Sample} from '../../src/signals/contract.js';
import type {MeasuredData} from '../../src/verdict/judgement/data.js';
import {lossesOf} from '../../src/verdict/times/loads.js';
import {timesOfSubjects, type UnwordedTimes} from '../../src/verdict/times/of-metric.js';
import type {TimesWindows} from '../../src/verdict/times/windows.js';
import {autoregressive, normals} from './noise.js';
import {atLeast, percent, type Effort, type Section} from './table.js';

const US = 1_000_000;
const BASELINE = 120;
const FAULT = 40;
const WATCHED = 60;
/** Requests a second. */
const RATE = 50;

/** What is measured, how noisy it is, and what the fault does to it. */
interface System {
  readonly name: string;
  readonly measure: 'errors.ratio' | 'latency.mean' | 'latency.p95' | 'throughput' | 'sampled';
  readonly worse: 'higher' | 'lower';
  /** Spread of the level and its correlation from second to second. */
  readonly spread: number;
  readonly correlation: number;
  /** Share of the requests that fail, usually and in the effect. */
  readonly failing: readonly [usual: number, inside: number];
  /** By how much slower, or higher, it gets: 1 is twice as much. */
  readonly change: number;
  readonly by: number;
}

const calm = {worse: 'higher', spread: 0, correlation: 0, failing: [0, 0], change: 0, by: 0.1} as const;

const SYSTEMS: readonly System[] = [
  {...calm, name: 'errors: none, then all', measure: 'errors.ratio', failing: [0, 1], by: 0.01},
  {...calm, name: 'errors: 1 %, then 40 %', measure: 'errors.ratio', failing: [0.01, 0.4], by: 0.01},
  {...calm, name: 'throughput, a half lost', measure: 'throughput', worse: 'lower', failing: [0, 0.5]},
  {...calm, name: 'mean latency, AR 0.3, doubled', measure: 'latency.mean', spread: 0.1, correlation: 0.3, change: 1},
  {...calm, name: 'mean latency, AR 0.6, +50 %', measure: 'latency.mean', spread: 0.1, correlation: 0.6, change: 0.5},
  {
    ...calm,
    name: 'mean latency, AR 0.3, spread 20 %, +40 %',
    measure: 'latency.mean',
    spread: 0.2,
    correlation: 0.3,
    change: 0.4,
  },
  {...calm, name: 'latency p95, AR 0.3, doubled', measure: 'latency.p95', spread: 0.1, correlation: 0.3, change: 1},
  {...calm, name: 'sample each second, AR 0.3, +60 %', measure: 'sampled', spread: 0.1, correlation: 0.3, change: 0.6},
];

/** When the effect was there, s after the request: it begins between the request and T0, or later, and ends by itself, with the undo, or after it. */
const EFFECTS = [
  {name: 'ends by itself', begins: 'at once', lasts: (random: Random) => 4 + 4 * random()},
  {name: 'ends in the undo', begins: 'at once', lasts: () => null},
  {name: 'begins later, ends after the undo', begins: 'later', lasts: (random: Random) => FAULT + 12 * random()},
] as const;

/** One run on the clock; seconds. */
interface Run {
  readonly requested: number;
  readonly confirmed: number;
  readonly undoRequested: number;
  readonly settled: number;
  readonly begins: number;
  readonly ends: number;
}

function runOf(effect: (typeof EFFECTS)[number], random: Random): Run {
  const requested = BASELINE + 1 + random();
  const confirmed = requested + 0.1 + 1.4 * random();
  const undoRequested = confirmed + FAULT;
  const settled = undoRequested + 0.1 + 0.9 * random();
  const begins =
    effect.begins === 'later' ? confirmed + 4 + 6 * random() : requested + random() * (confirmed - requested);
  const lasts = effect.lasts(random);
  const ends = lasts === null ? undoRequested + random() * (settled - undoRequested) : begins + lasts;
  return {requested, confirmed, undoRequested, settled, begins, ends};
}

/** How one request differs from another within a second: drawn once, because that is most of the work. */
const REQUESTS = Array.from(
  {length: 4096},
  (
    (normal: () => number) => () =>
      Math.exp(0.4 * normal())
  )(normals(seededRandom(1))),
);

/** A second of a load whose requests each give what they took, µs, and whether they failed. */
function secondOf(
  at: number,
  request: (at: number) => readonly [us: number, failed: boolean],
  phase: number,
): LoadSecond {
  const [ok, bad] = [new Map<number, number>(), new Map<number, number>()];
  for (let n = 0; n < RATE; n++) {
    const [us, failed] = request(at + (n + phase) / RATE);
    const counts = failed ? bad : ok;
    const bucket = bucketOf(us);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  const sorted = (counts: Map<number, number>) => [...counts].sort(([a], [b]) => a - b);
  const outcomes = {ok: sorted(ok), 'status-503': sorted(bad)};
  return {load: 'shop', at: at * US, intended: RATE, sent: RATE, lagP99: 0, outcomes};
}

/** What is on record of a run, requests on an even grid or a sample each second, and how many requests failed that would not have without the effect. */
function measured(system: System, {begins, ends}: Run, random: Random): MeasuredData & {readonly lost: number} {
  const {spread} = system;
  const normal = normals(random);
  const length = BASELINE + FAULT + WATCHED + 5;
  const levels = autoregressive(length, system.correlation, normal);
  const inside = (at: number) => at >= begins && at < ends;
  const level = (at: number) => Math.exp(spread * (levels[Math.floor(at)] ?? 0)) * (inside(at) ? 1 + system.change : 1);
  const phase = random();
  const [usual, worse] = system.failing;
  let lost = 0;
  const samples = Array.from(levels, (_, second): Sample => ({
    t: (second + phase) * US,
    d: 1000,
    value: 100 * level(second + phase),
  }));
  if (system.measure === 'sampled') return {series: [{id: 1, metric: 'it', samples}], loads: [], lost};
  const request = (at: number) => {
    const luck = random();
    const failed = luck < (inside(at) ? worse : usual);
    if (failed && luck >= usual) lost++;
    return [spread > 0 ? 20_000 * level(at) * REQUESTS[Math.floor(4096 * random())]! : 20_000, failed] as const;
  };
  const loads = Array.from(levels, (_, second) => secondOf(second, request, phase));
  return {series: [], loads, lost};
}

function metricOf({measure, worse, by}: System): MetricSpec {
  const about = {
    name: 'it',
    everyMs: 1000,
    timeoutMs: 1000,
    unit: 'number',
    worse,
    judge: [],
    deviation: {by, critical: 5 * by},
  } as const;
  return measure === 'sampled'
    ? {...about, source: 'http', parameters: {}}
    : {...about, source: 'load', parameters: {of: 'shop', measure}};
}

function windowsOf({requested, confirmed, undoRequested, settled}: Run): TimesWindows {
  const planned = {
    id: 'f',
    fault: 'f',
    kind: 'pause',
    nature: 'state',
    heal: 'undo',
    label: 'f',
    forMs: 0,
    targets: [],
    changes: [],
  } as const;
  return {
    occurrence: {planned} as unknown as TimesWindows['occurrence'],
    zeroUs: confirmed * US,
    requestedUs: requested * US,
    baseline: {fromUs: 0.37 * US, toUs: BASELINE * US},
    fault: {fromUs: confirmed * US, toUs: undoRequested * US},
    after: {fromUs: settled * US, toUs: (settled + WATCHED) * US},
  };
}

/** How often something was told, and how often what was told holds the truth. */
class Told {
  private told = 0;
  private true = 0;
  constructor(private readonly of: number) {}
  tell(holds: boolean): void {
    this.told++;
    if (holds) this.true++;
  }
  fails(what: string, limit: number): readonly string[] {
    return this.told === 0 ? [] : atLeast(what, this.true / this.told, limit, this.told);
  }
  toString(): string {
    return this.told < this.of / 20 ? '' : `${percent(this.true / this.told)} (${percent(this.told / this.of)})`;
  }
}

const holds = ({lower, upper}: {lower: number; upper: number}, truth: number) => lower <= truth && truth <= upper;

/** The deviation times its duration: of requests what really failed, else what the effect is. */
function holdsArea(
  {area}: UnwordedTimes,
  {measure, change}: System,
  {lost, lasted}: {lost: number; lasted: number},
): boolean | undefined {
  if (area === null) return undefined;
  if (measure === 'errors.ratio') return holds(area.absolute, lost / RATE);
  if (area.relative === null) return undefined;
  return holds(area.relative, measure === 'throughput' ? lost / RATE : change * lasted);
}

/** How long the effect lasted, s; of one that was not seen, as much of it as lies in the time of which the area is told. */
function lastedIn({onset, recovered, area}: UnwordedTimes, {begins, ends, confirmed}: Run): number {
  const seen = onset !== null || recovered !== null || area === null;
  return seen ? ends - begins : Math.min(ends, confirmed + area.to) - Math.max(begins, confirmed + area.from);
}

interface Cell {
  readonly system: System;
  readonly effect: (typeof EFFECTS)[number];
  readonly effort: Effort;
}

function cell({system, effect, effort: {runs, seed}}: Cell) {
  const random = seededRandom(seed);
  const [onset, back, relapse, area, lost] = Array.from({length: 5}, () => new Told(runs)) as [
    Told,
    Told,
    Told,
    Told,
    Told,
  ];
  for (let i = 0; i < runs; i++) {
    const run = runOf(effect, random);
    const data = measured(system, run, random);
    const windows = windowsOf(run);
    const [times] = timesOfSubjects(metricOf(system), data, windows);
    if (times === undefined) continue;
    if (times.onset !== null) {
      const truth = run.begins - run.confirmed;
      onset.tell(times.onset[0] <= truth && truth <= times.onset[1]);
    }
    if (times.recovered !== null) {
      const truth = Math.max(0, run.ends - run.settled);
      back.tell(times.recovered.atLeast <= truth && truth <= (times.recovered.atMost ?? Infinity));
      relapse.tell(times.recoveries.length === 1);
    }
    const inArea = holdsArea(times, system, {lost: data.lost, lasted: lastedIn(times, run)});
    if (inArea !== undefined) area.tell(inArea);
    if (system.failing[1] > 0) {
      const {recovered} = times;
      const untilUs = (run.settled + (recovered === null ? 0 : (recovered.atMost ?? WATCHED))) * US;
      const found = lossesOf('shop', data.loads, {windows, untilUs});
      if (found !== undefined) lost.tell(holds(found.lost, data.lost));
    }
  }
  return {onset, back, relapse, area, lost};
}

/** Whether the times and losses that a result tells hold the truth, where everything happens at fractions of a second. */
export function clock({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = SYSTEMS.flatMap((system, s) =>
    EFFECTS.map((effect, e) => {
      const {onset, back, relapse, area, lost} = cell({system, effect, effort: {runs, seed: seed + 10 * s + e}});
      const what = `${system.name}, ${effect.name}`;
      failures.push(
        ...onset.fails(`onset, ${what}`, 0.95),
        ...back.fails(`recovery, ${what}`, 0.95),
        ...relapse.fails(`no relapse, ${what}`, 0.98),
        ...area.fails(`area, ${what}`, 0.98),
        ...lost.fails(`lost requests, ${what}`, 0.98),
      );
      return [system.name, effect.name, ...[onset, back, relapse, area, lost].map(String)];
    }),
  );
  return {
    title: 'Times and losses on the clock',
    about: `50 requests or one sample a second, baseline ${BASELINE} s, fault ${FAULT} s. The request, T0, the undo and its proof lie anywhere within a second, up to 1.5 s apart; the effect begins between the request and T0, or some seconds later, and ends by itself after 4 to 8 s, within the undo, or after it. How often (%) what is told holds the truth, in brackets in how many runs (%) it is told: onset and recovery claim 95 %, area and lost requests 98 %.`,
    columns: ['what is measured', 'effect', 'onset', 'recovery', 'no relapse', 'area', 'lost requests'],
    rows,
    failures,
  };
}
