import {seededRandom, type Random} from '../../src/quantities/random.js';
import {MORE} from '../../src/run/phases/resize.js';
import {isWorthGoingOn, type Room} from '../../src/verdict/deviation/settled.js';
import {alphaAtLook, lookTimes} from '../../src/statistics/decisions/looks.js';
import type {ComparedDirection} from '../../src/statistics/decisions/comparison.js';
import type {Measured, MetricVerdict} from '../../src/statistics/decisions/metric.js';
import {judgeMetrics} from '../../src/statistics/index.js';
import {ALPHA, errors, gateOf, HELD_ALPHA, meanOf, p95, throughput, type Kind} from './decides.js';
import {autoregressiveNoise, burstNoise, slowNoise} from './noise.js';
import {atLeast, atMost, percent, type Effort, type Section} from './table.js';

/** Seconds of a run that may go on: as long as it is planned, and as long as each window may become. */
const PLANNED = {baseline: 120, fault: 60};
const LIMIT = 300;

/** The first `fault` seconds of the injection beside the `baseline` seconds before it. */
function cut(whole: Measured, {baseline, fault}: {baseline: number; fault: number}): Measured {
  if (whole.kind === 'bins' || whole.kind === 'counts' || whole.kind === 'latency') {
    return {...whole, baseline: whole.baseline.slice(-baseline), fault: whole.fault.slice(0, fault)} as Measured;
  }
  throw new TypeError(`nothing goes on for ${whole.kind}`);
}

interface Cell {
  readonly kind: Kind;
  readonly by: number;
  /** Whether it must decide as often as was promised. */
  readonly asked: boolean;
}

interface Run {
  readonly cell: Cell;
  readonly whole: Measured;
  readonly random: Random;
}

/**
 * How long the baseline becomes, s; undefined where the run is stopped. It is lengthened to the past: the noise is the same in both directions, and
 * so it stays next to the injection.
 */
function baselineOf({cell, whole, random}: Run): number | undefined {
  for (let baseline = PLANNED.baseline; ;) {
    const gate = gateOf(cut(whole, {...PLANNED, baseline}), {...cell, fault: PLANNED.fault}, random);
    if (gate.state === 'not-steady') return undefined;
    const needed = gate.state === 'too-short' ? (gate.windowForNoise ?? Infinity) : (gate.windowForAllowed ?? Infinity);
    if (needed <= baseline || baseline >= LIMIT) return gate.state === 'steady' ? baseline : undefined;
    baseline = Math.min(LIMIT, Math.ceil(Math.max(needed, baseline * MORE)));
  }
}

/** An interval as a result tells it, in the metric's own direction. */
function changeOf({estimate, upper}: ComparedDirection, {worse}: Kind, isShare: boolean) {
  const told = (value: number) => (worse === 'higher' ? 1 : -1) * value;
  const onScale = (value: number) => (isShare ? value : Math.expm1(value));
  const [seen, end] = [onScale(told(estimate)), onScale(told(upper))];
  return {of: isShare ? 'share' : 'relative', estimate: seen, lower: end, upper: end} as const;
}

function isWorthIt({cell, whole}: Run, {doubts, comparison}: MetricVerdict, room: Room): boolean {
  const [direction] = comparison?.directions ?? [];
  if (direction === undefined) return false;
  const isShare = whole.kind === 'counts';
  const change = changeOf(direction, cell.kind, isShare);
  return isWorthGoingOn(
    {doubts: doubts.map(code => ({code})), change, allowed: {by: cell.by, of: change.of}},
    cell.kind,
    room,
  );
}

interface End {
  readonly verdict: MetricVerdict['verdict'];
  readonly fault: number;
}

/** One run from its baseline to the look at which it ends; undefined where it is stopped before the injection. */
function runOf(run: Run): End | undefined {
  const {cell, whole, random} = run;
  const baseline = baselineOf(run);
  if (baseline === undefined) return undefined;
  const looks = lookTimes(PLANNED.fault * 1000, LIMIT * 1000);
  for (const [i, nowMs] of looks.entries()) {
    const look = i + 1;
    const fault = Math.floor(nowMs / 1000);
    const measured = cut(whole, {baseline, fault});
    const metric = {name: cell.kind.name, measured, worse: cell.kind.worse, by: cell.by, critical: 5 * cell.by};
    const alpha = alphaAtLook(ALPHA, look, looks.length);
    const [judged] = judgeMetrics([{...metric, primary: true}], {alpha, random});
    if (judged === undefined) return undefined;
    const room = {baselineMs: baseline * 1000, nowMs, mostMs: LIMIT * 1000, look, looks: looks.length};
    const goesOn = judged.verdict === 'inconclusive' && look < looks.length && isWorthIt(run, judged, room);
    if (!goesOn) return {verdict: judged.verdict, fault};
  }
  return undefined;
}

function outcomes(cell: Cell, change: number, {runs, seed}: Effort) {
  const random = seededRandom(seed);
  const ends = Array.from({length: runs}, () =>
    runOf({cell, whole: cell.kind.make({baseline: LIMIT, fault: LIMIT}, change, random), random}),
  );
  const begun = ends.filter(end => end !== undefined);
  const share = (verdict: End['verdict']) => begun.filter(end => end.verdict === verdict).length / runs;
  const lengths = begun.map(({fault}) => fault).sort((a, b) => a - b);
  return {
    begun: begun.length / runs,
    held: share('held'),
    deviated: share('deviated'),
    median: lengths[Math.floor(lengths.length / 2)] ?? NaN,
  };
}

const CELLS: readonly Cell[] = [
  ...[0, 0.3, 0.5].map(correlation => ({kind: meanOf(autoregressiveNoise(correlation)), by: 0.1, asked: true})),
  {kind: meanOf(autoregressiveNoise(0.8)), by: 0.1, asked: false},
  {kind: meanOf(slowNoise(0.95)), by: 0.1, asked: false},
  {kind: meanOf(burstNoise({seconds: 4, every: 40, times: 1.6, even: true})), by: 0.1, asked: false},
  ...[0.3, 0.5].map(correlation => ({kind: p95(correlation), by: 0.1, asked: true})),
  ...[0, 0.5].map(correlation => ({kind: throughput(correlation), by: 0.1, asked: true})),
  {kind: errors, by: 0.01, asked: true},
];

/** What is promised of a run that may go on for five minutes: so often it holds when nothing happens, and deviates at twice what is allowed. */
const HOLDS = 0.85;
const DEVIATES = 0.7;

/** How often a run decides that may go on, and how often it is wrong although it looks several times. */
export function goesOn({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = CELLS.map((cell, i) => {
    const {kind, by, asked} = cell;
    const effort = (of: number) => ({runs, seed: seed + 10 * i + of});
    const nothing = outcomes(cell, 0, effort(0));
    const margin = outcomes(cell, by, effort(1));
    const twice = outcomes(cell, 2 * by, effort(2));
    if (asked) {
      failures.push(
        ...atLeast(`held, going on, ${kind.name}`, nothing.held, HOLDS, runs),
        ...atLeast(`deviated at twice, going on, ${kind.name}`, twice.deviated, DEVIATES, runs),
      );
    }
    failures.push(
      ...atMost(`deviated though nothing happened, going on, ${kind.name}`, nothing.deviated, 0.013, runs),
      ...atMost(`held at the margin, going on, ${kind.name}`, margin.held, HELD_ALPHA, runs),
      ...atMost(`deviated at the margin, going on, ${kind.name}`, margin.deviated, 0.013, runs),
    );
    const shares = [nothing.begun, nothing.held, nothing.deviated, margin.held, margin.deviated, twice.deviated];
    return [kind.name, percent(by), ...shares.map(percent), String(nothing.median), String(twice.median)];
  });
  return {
    title: 'How often a run decides that may go on',
    about: `Whole runs with a baseline of ${PLANNED.baseline} s and a fault of ${PLANNED.fault} s that may each go on up to ${LIMIT} s: begun, held and deviated when nothing happened, held (must: 5 at most) and deviated (must: 1.3 at most) when the metric got worse by exactly what is allowed, and deviated when by twice as much. Last, how long half of the faults were in force at most, s: when nothing happened, and at twice what is allowed.`,
    columns: [
      'metric',
      'allowed %',
      'begun',
      'held',
      'deviated',
      'held at the margin',
      'deviated at the margin',
      'deviated at twice',
      'in force, s',
      'at twice, s',
    ],
    rows,
    failures,
  };
}
