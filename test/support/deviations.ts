import type {Experiment, MetricSpec} from '../../src/experiment/experiment.js';
import {seededRandom} from '../../src/quantities/random.js';
import type {Evidence, Series} from '../../src/record/evidence.js';
import type {Demotion, Event, PlannedOccurrence} from '../../src/record/events.js';
import type {LoadSecond} from '../../src/signals/contract.js';
import {judge} from '../../src/verdict/judge.js';
import {resultSchema} from '../../src/verdict/result-schema.js';
import type {MetricInterval, Result} from '../../src/verdict/result.js';
import {debt, done, experiment, occurrence, proof, RecordScript, RUN, settled, target} from './records.js';
import {sampledMetric} from './signals.js';

/**
 * Records of runs whose metrics are judged by their deviation: a baseline of 60 s from 2 s on, a fault of 60 s, a
 * recovery of 30 s.
 */

export const BASELINE = {from: 2, to: 62} as const;
export const FAULT = {from: 62.2, to: 122.2} as const;
export const RECOVERY = {from: 123, to: 153} as const;
const END = 154;
const US = 1_000_000;

/** A metric without a tolerance, with 10 % allowed and 50 % critical. */
export function deviating(overrides: Partial<MetricSpec> = {}): MetricSpec {
  const {tolerance: _, ...metric} = sampledMetric({name: 'latency', unit: 'ms', deviation: {by: 0.1, critical: 0.5}});
  return {...metric, ...overrides};
}

/** A noise of this spread around 1, the same for the same seed. */
export function noise(seed: number, spread = 0.03): () => number {
  const random = seededRandom(seed);
  return () => 1 + spread * (random() + random() + random() + random() - 2) * 1.7;
}

export interface Levels {
  readonly before?: number;
  readonly during?: number | ((second: number) => number | null);
  readonly after?: number;
  readonly spread?: number;
  readonly seed?: number;
}

/** A value a second over the whole run: a level in the baseline, one during the fault, one afterwards. */
export function levels({before = 100, during = before, after = before, spread, seed = 1}: Levels): (number | null)[] {
  const draw = noise(seed, spread);
  return Array.from({length: END}, (_, second) => {
    const inFault = second >= BASELINE.to && second < 123;
    const level = !inFault
      ? second < BASELINE.to
        ? before
        : after
      : typeof during === 'number'
        ? during
        : during(second);
    const drawn = draw();
    return level === null ? null : level * drawn;
  });
}

export function seriesFor(
  values: readonly (number | null)[],
  {metric = 'latency', subject, id = 1}: {metric?: string; subject?: string; id?: number} = {},
): Series {
  return {
    id,
    metric,
    ...(subject === undefined ? {} : {subject}),
    samples: values.map((value, i) => ({t: i * US, d: 1000, value, ...(value === null ? {why: 'no answer'} : {})})),
  };
}

export function deviationFile(metrics: readonly MetricSpec[], overrides: Partial<Experiment> = {}): Experiment {
  return experiment({
    steadyState: metrics,
    windows: {warmupMs: 2000, baselineMs: 60_000, recoveryMs: 60_000},
    expect: {recovery: {withinMs: 10_000}, checks: [], verdict: 'held'},
    ...overrides,
  });
}

interface Recorded {
  readonly series?: readonly Series[];
  readonly loads?: readonly LoadSecond[];
  /** When everything was back; null: it was not. */
  readonly back?: readonly [number, number] | null;
  readonly steady?: Extract<Event, {type: 'decided'}>['basis'];
  /** Metrics that the gate found hardly able to answer. */
  readonly demoted?: readonly Demotion[];
}

function started(script: RecordScript, file: Experiment, plans: readonly PlannedOccurrence[]): RecordScript {
  return script
    .at(0, {
      type: 'run.started',
      run: RUN,
      experiment: file,
      occurrences: plans,
      seed: 42,
      tool: 'firedrill 0.1.0',
      command: 'firedrill run freeze.yaml --yes',
      file: {path: 'freeze.yaml', sha256: 'a'.repeat(64)},
      host: 'laptop',
    })
    .at(0, {type: 'phase.entered', phase: 'prepare', lastsMs: null})
    .at(0.1, {type: 'targets.resolved', hit: [target()], facets: {}});
}

/** Injects at `from` (in force 0.2 s later), undoes at `to` (settled 0.3 s later). */
function injected(script: RecordScript, plan: PlannedOccurrence, {from, to}: {from: number; to: number}): void {
  const id = `${RUN}/${plan.id}/0`;
  script
    .at(from, {type: 'debts.owed', occurrence: plan.id, debts: [debt({id, occurrence: plan.id})]})
    .at(from, {type: 'change.requested', occurrence: plan.id})
    .at(from + 0.2, {type: 'change.confirmed', occurrence: plan.id, proofs: [proof(from + 0.15)]})
    .at(to, {type: 'hold.ended', occurrence: plan.id, why: 'its time is over'})
    .at(to, {type: 'undo.requested', occurrence: plan.id, why: done})
    .at(to + 0.3, {type: 'debts.settled', occurrence: plan.id, settled: [settled('undone', id)]});
}

function ended(script: RecordScript, {back = [122.5, 125]}: Pick<Recorded, 'back'>, end = END): RecordScript {
  const sinceUs = back === null ? null : back.map(at => at * US);
  return script
    .at(end - 0.9, {type: 'decided', what: 'recovered', answer: back === null ? 'no' : 'yes', basis: {sinceUs}})
    .at(end - 0.8, {type: 'phase.entered', phase: 'leak-check', lastsMs: null})
    .at(end - 0.5, {type: 'leaks.checked', touched: [], collateral: []})
    .at(end, {type: 'run.ended', why: done});
}

/** A run of this file whose fault was in force for a minute. */
export function recorded(file: Experiment, {series = [], loads = [], back, steady = [], demoted}: Recorded): Evidence {
  const plan = occurrence({forMs: 60_000});
  const script = started(new RecordScript(), file, [plan])
    .at(0.5, {type: 'phase.entered', phase: 'warmup', lastsMs: 2000})
    .at(BASELINE.from, {type: 'phase.entered', phase: 'baseline', lastsMs: 60_000})
    .at(61.9, {type: 'decided', what: 'steady', answer: 'yes', basis: steady, ...(demoted && {demoted})})
    .at(BASELINE.to, {type: 'phase.entered', phase: 'fault', lastsMs: 60_000});
  injected(script, plan, {from: BASELINE.to, to: FAULT.to});
  script.at(RECOVERY.from, {type: 'phase.entered', phase: 'recovery', lastsMs: 60_000});
  return ended(script, back === undefined ? {} : {back}).evidence(series, loads);
}

/** Blocks of 10 s from 12 s on, each with half a second before it in which the fault is put on or taken off. */
export interface SwitchbackRun {
  readonly order: readonly boolean[];
  /** The level of the metric at a second, given whether the fault is on. */
  readonly level: (on: boolean, second: number) => number | null;
  readonly metrics?: readonly MetricSpec[];
  readonly washoutMs?: number;
  readonly spread?: number;
  /** Null: it did not come back to its baseline. */
  readonly back?: null;
}

export function switchedBack({
  back,
  order,
  level,
  metrics = [deviating()],
  washoutMs = 2000,
  spread,
}: SwitchbackRun): Evidence {
  const file = deviationFile(metrics, {
    switchback: {blocks: order.length, blockMs: 10_000, washoutMs, order},
    windows: {warmupMs: 0, baselineMs: 10_000, recoveryMs: 30_000},
  });
  const plans = order
    .flatMap((on, block) => (on ? [block] : []))
    .map((block, i) =>
      occurrence({
        id: `freeze#${i + 1}`,
        label: `freeze (block ${block + 1} of ${order.length})`,
        forMs: 10_000,
        block,
      }),
    );
  const script = started(new RecordScript(), file, plans)
    .at(2, {type: 'phase.entered', phase: 'baseline', lastsMs: 10_000})
    .at(11.9, {type: 'decided', what: 'steady', answer: 'yes', basis: []})
    .at(12, {type: 'phase.entered', phase: 'fault', lastsMs: 10_000 * order.length});
  const onAt: (readonly [number, number])[] = [];
  let now = 12;
  order.forEach((on, block) => {
    const plan = plans.find(candidate => candidate.block === block);
    if (on && plan !== undefined) {
      injected(script, plan, {from: now, to: now + 10.2});
      onAt.push([now, now + 10.5]);
      now += 10.5;
    } else now += 10;
  });
  script.at(now, {type: 'phase.entered', phase: 'recovery', lastsMs: 30_000});
  const end = Math.ceil(now) + 20;
  const draw = noise(3, spread);
  const values = Array.from({length: end}, (_, second) => {
    const on = onAt.some(([from, to]) => second >= from && second < to);
    const drawn = draw();
    const value = level(on, second);
    return value === null ? null : value * drawn;
  });
  return ended(script, {back: back === null ? null : [now, now + 2]}, end).evidence(
    metrics.map((metric, i) => seriesFor(values, {metric: metric.name, id: i + 1})),
    [],
  );
}

/** Judges a record; its result passes the schema. */
export function judged(evidence: Evidence): Result {
  const result = judge(evidence);
  resultSchema().parse(JSON.parse(JSON.stringify(result)));
  return result;
}

/** What became of a metric in the (first) fault interval. */
export function on(result: Result, name = 'latency'): MetricInterval {
  const metric = result.metrics.find(candidate => candidate.name === name);
  return metric!.intervals.find(({kind}) => kind === 'on')!;
}

/** Three steps of 40 s, each with this level; 20 s of recovery. */
export function stepped(during: readonly number[]): Evidence {
  const labels = ['delay 50ms', 'delay 100ms', 'delay 200ms'];
  const plans = labels.map((label, step) =>
    occurrence({id: `slow#${step + 1}`, fault: 'slow', kind: 'network-latency', label, step, forMs: 40_000}),
  );
  const [fault] = experiment().faults;
  const steps = {parameters: [{}, {}, {}], labels, stopOnDeviation: false};
  const file = deviationFile([deviating()], {faults: [{...fault!, name: 'slow', forMs: 40_000, steps}]});
  const script = started(new RecordScript(), file, plans)
    .at(BASELINE.from, {type: 'phase.entered', phase: 'baseline', lastsMs: 60_000})
    .at(61.9, {type: 'decided', what: 'steady', answer: 'yes', basis: []})
    .at(BASELINE.to, {type: 'phase.entered', phase: 'fault', lastsMs: 120_000});
  const startOf = (step: number) => BASELINE.to + step * 41;
  plans.forEach((plan, step) => {
    injected(script, plan, {from: startOf(step), to: startOf(step) + 40.2});
  });
  const undone = startOf(plans.length);
  script.at(undone, {type: 'phase.entered', phase: 'recovery', lastsMs: 60_000});
  const draw = noise(5);
  const values = Array.from({length: undone + 20}, (_, at) => {
    const step = Math.floor((at - BASELINE.to) / 41);
    return (step >= 0 && step < plans.length ? (during[step] ?? 100) : 100) * draw();
  });
  return ended(script, {back: [undone, undone + 2]}, undone + 20).evidence([seriesFor(values)], []);
}
