import type {JsonObject} from '../../quantities/json.js';
import type {Unit} from '../../quantities/unit.js';
import {PROBES} from '../catalogue.generated.js';
import {DERIVED} from '../derived.js';
import {built} from '../schema/built.js';
import {
  kindOf,
  mappingOf,
  readFields,
  readValue,
  type DocumentPart,
  type Fields,
  type Read,
} from '../checking/entry.js';
import type {LoadMeasure, LoadSpec} from '../../signals/load/spec.js';
import {TOLERANCE_TIMES, type DeviationSpec, type MetricSpec, type ToleranceSpec} from '../experiment.js';
import {isMapping} from '../reading/tree.js';
import {listOf} from '../suggest.js';
import {metricFields, readOnceFields, samplingFields} from '../schema/entries.js';
import {LATER_PROBES} from '../schema/later.js';
import {loadMetric} from '../schema/load.js';
import {readBound, readBounds} from './bounds.js';
import {isCapacity} from './capacity.js';
import {readChange} from './change.js';
import {derivedSource, type OtherMetrics} from './derived.js';
import {child, given} from './section.js';

/** When a metric decides, unless the file says otherwise. */
const JUDGED = ['fault', 'recovery'] as const;

const EVERY_MS = 1000;
const LEAST_TIMEOUT_MS = 2000;

/** What a metric is read from, with how often. */
export interface Sampled {
  readonly source: string;
  readonly parameters: JsonObject;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly unit: Unit;
  readonly worse: 'higher' | 'lower' | 'either';
}

/** What could be told of a metric: enough for references to it even when part of it was wrong. */
export interface ReadMetric {
  readonly name: string;
  readonly unit: Unit | undefined;
  /** Undefined when any of it was wrong. */
  readonly spec: MetricSpec | undefined;
}

const LOAD_UNITS: Readonly<Record<LoadMeasure, Unit>> = {
  'latency.p50': 'ms',
  'latency.p90': 'ms',
  'latency.p95': 'ms',
  'latency.p99': 'ms',
  'latency.max': 'ms',
  'latency.mean': 'ms',
  'errors.ratio': 'ratio',
  'errors.rate': 'per-second',
  throughput: 'per-second',
  capacity: 'per-second',
};

type NamedPart = DocumentPart & {readonly name: string};

/** The entries of `steadyState`, in their order; what a metric is made of is read before it, wherever it stands. */
export function readMetrics(parts: readonly NamedPart[], loads: readonly LoadSpec[]): readonly ReadMetric[] {
  const names = parts.map(({name}) => name);
  const read = new Map<string, ReadMetric>();
  const waiting: string[] = [];
  const readOne = (part: NamedPart): ReadMetric => {
    const known = read.get(part.name);
    if (known !== undefined) return known;
    waiting.push(part.name);
    const metric = timed(readMetric(part.name, part, {names, waiting, find}), loads);
    waiting.pop();
    read.set(part.name, metric);
    return metric;
  };
  const find = (name: string) => parts.filter(part => part.name === name).map(readOne)[0]?.spec;
  return parts.map(readOne);
}

/** What a load measures is known once its slowest requests have timed out. */
function timed(metric: ReadMetric, loads: readonly LoadSpec[]): ReadMetric {
  if (metric.spec?.source !== 'load') return metric;
  const load = loads.find(spec => spec.name === metric.spec?.parameters['of']);
  return load === undefined ? metric : {...metric, spec: {...metric.spec, timeoutMs: load.timeoutMs}};
}

function readMetric(name: string, part: DocumentPart, others: OtherMetrics): ReadMetric {
  if (mappingOf(part) === undefined) return {name, unit: undefined, spec: undefined};
  const fields = built(metricFields);
  const kinds = probeKinds('metric', ['load', DERIVED], Object.keys(fields));
  const read = readFields(fields, part, [...kinds.known, ...Object.keys(kinds.later)]);
  const kind = kindOf(kinds, part);
  const block = child(part, kind ?? '');
  const sampled = kind === DERIVED ? derivedSource(block, others) : readSource(kind, block);
  if (sampled === undefined) return {name, unit: undefined, spec: undefined};
  return {name, unit: sampled.unit, spec: metricOf(name, sampled, part, read)};
}

/** Probes that a metric or check may name. */
export function probeKinds(what: string, extra: readonly string[], fields: readonly string[]) {
  const known = [...extra, ...Object.keys(PROBES)];
  const later = Object.fromEntries(Object.entries(LATER_PROBES).filter(([probe]) => !known.includes(probe)));
  return {what, known, later, fields};
}

function metricOf(
  name: string,
  sampled: Sampled,
  part: DocumentPart,
  read: Read<ReturnType<typeof metricFields>>,
): MetricSpec | undefined {
  const written = child(part, 'tolerance');
  const tolerance =
    read.tolerance === undefined ? undefined : toleranceOf(read.tolerance, {name, unit: sampled.unit}, written);
  if (written.value !== undefined && tolerance === undefined) return undefined;
  const allowed = child(part, 'deviation');
  const deviation = read.deviation === undefined ? undefined : readChange(allowed, read.deviation, {...sampled, name});
  if (allowed.value !== undefined && deviation === undefined) return undefined;
  const judge = judgeOf(read.judge, {allowed: tolerance ?? deviation, sampled}, part);
  const worse = worseOf(read, {tolerance, sampled}, part);
  if (judge === undefined || worse === undefined) return undefined;
  return {...sampled, name, worse, judge, ...given({tolerance, deviation})};
}

/** The bad direction: as the file says it, as its one bound implies it, or as the source has it. */
function worseOf(
  {deviation}: Read<ReturnType<typeof metricFields>>,
  {tolerance, sampled}: {tolerance: ToleranceSpec | undefined; sampled: Sampled},
  part: DocumentPart,
): MetricSpec['worse'] | undefined {
  const bounded = direction(tolerance);
  const said = deviation?.worse;
  if (said === undefined || bounded === undefined || said === bounded) return said ?? bounded ?? sampled.worse;
  const message = `expected the direction that the tolerance has (\`${bounded}\` is worse); got \`${said}\``;
  part.report.add({path: child(part, 'deviation', 'worse').path, code: 'CONTRADICTION', message});
  return undefined;
}

function judgeOf(
  written: readonly ('fault' | 'recovery')[] | undefined,
  {allowed, sampled}: {allowed: ToleranceSpec | DeviationSpec | undefined; sampled: Sampled},
  part: DocumentPart,
): MetricSpec['judge'] | undefined {
  const judge = child(part, 'judge');
  const during = allowed !== undefined && 'during' in allowed ? allowed.during : undefined;
  if (judge.value === undefined) {
    const decides = allowed === undefined ? [] : isCapacity(sampled) ? JUDGED.slice(0, 1) : JUDGED;
    return decides.filter(time => during?.includes(time) !== false);
  }
  if (written === undefined) return undefined;
  const never = written.find(time => during?.includes(time) === false);
  if (never !== undefined) {
    const message = `expected times in which the tolerance applies (${listOf(during ?? [])}); got \`${never}\``;
    part.report.add({path: judge.path, code: 'CONTRADICTION', message});
    return undefined;
  }
  if (written.length > 0 && allowed === undefined) {
    const hint = 'give it a `tolerance` or a `deviation`, or `judge: []`';
    part.report.add({
      path: judge.path,
      at: 'key',
      code: 'CONTRADICTION',
      message: 'expected a `tolerance` or a `deviation` to judge by; got neither',
      hint,
    });
    return undefined;
  }
  if (written.includes('recovery') && isCapacity(sampled)) {
    const message =
      'expected `judge: [fault]`: a capacity is read off a whole sweep of the load, so when it is back cannot be seen';
    part.report.add({path: judge.path, code: 'CONTRADICTION', message});
    return undefined;
  }
  return [...new Set(written)];
}

/** A metric with one bound is worse beyond it. */
function direction(tolerance: ToleranceSpec | undefined): 'higher' | 'lower' | undefined {
  if (tolerance === undefined || tolerance.equals !== undefined) return undefined;
  const [least, most] = [tolerance.above ?? tolerance.atLeast, tolerance.below ?? tolerance.atMost];
  if (most !== undefined && least === undefined) return 'higher';
  return least !== undefined && most === undefined ? 'lower' : undefined;
}

function toleranceOf(
  written: NonNullable<Read<ReturnType<typeof metricFields>>['tolerance']>,
  metric: {name: string; unit: Unit},
  part: DocumentPart,
): ToleranceSpec | undefined {
  const bounds = readBounds(part, written, (value, path) => readBound(part.report, path, value, metric));
  if (bounds === undefined) return undefined;
  const during = written.during && TOLERANCE_TIMES.filter(time => written.during?.includes(time));
  return {...bounds, settlesWithinMs: written.settlesWithin, ...given({during})};
}

/**
 * A probe's block, of a metric or (`once`) of a check: how often to read is split off, the rest is the probe's own.
 * Undefined after it was reported.
 */
export function readSource(kind: string | undefined, part: DocumentPart, once = false): Sampled | undefined {
  if (kind === 'load') return loadSource(part);
  const probe = kind === undefined ? undefined : PROBES[kind];
  if (kind === undefined || probe === undefined) return undefined;
  const fields: Fields = once ? built(readOnceFields) : built(samplingFields);
  const [block, sampling] = splitSampling(part, Object.keys(fields));
  const read: {readonly every?: number | undefined; readonly timeout?: number | undefined} = readFields(fields, {
    ...part,
    value: sampling,
  });
  const {every = EVERY_MS, timeout} = read;
  const parameters = readValue(built(probe.parameters), {...part, value: block});
  if (parameters === undefined) return undefined;
  const normal = parameters.value as JsonObject;
  const unit = probe.unitOf(normal);
  const timeoutMs = timeout ?? Math.max(every, LEAST_TIMEOUT_MS);
  return {source: kind, parameters: normal, everyMs: every, timeoutMs, unit, worse: probe.worseOf(normal)};
}

function splitSampling(
  {value}: DocumentPart,
  keys: readonly string[],
): readonly [unknown, Readonly<Record<string, unknown>>] {
  if (!isMapping(value)) return [value, {}];
  const sampling = Object.entries(value).filter(([key]) => keys.includes(key));
  const rest = Object.entries(value).filter(([key]) => !keys.includes(key));
  return [Object.fromEntries(rest), Object.fromEntries(sampling)];
}

function loadSource(part: DocumentPart): Sampled | undefined {
  const read = readValue(built(loadMetric), part);
  if (read === undefined) return undefined;
  const {of, request, measure} = read.value;
  const worse = measure === 'throughput' || measure === 'capacity' ? 'lower' : 'higher';
  return {
    source: 'load',
    parameters: {of, measure, ...given({request})},
    everyMs: EVERY_MS,
    timeoutMs: LEAST_TIMEOUT_MS,
    unit: LOAD_UNITS[measure],
    worse,
  };
}
