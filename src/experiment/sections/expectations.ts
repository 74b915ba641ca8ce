import type {Unit} from '../../quantities/unit.js';
import {PROBES} from '../catalogue.generated.js';
import {built} from '../schema/built.js';
import {kindOf, mappingOf, readFields, type DocumentPart, type Read} from '../checking/entry.js';
import type {CheckSpec, ComparisonSpec, ExpectSpec, GuardSpec, WindowsSpec} from '../experiment.js';
import type {Path} from '../problem.js';
import {checkFields, guardFields} from '../schema/entries.js';
import {parseLoadReference} from '../load-reference.js';
import {readBound, readBounds} from './bounds.js';
import {probeKinds, readSource, type ReadMetric} from './metrics.js';
import {checkName, checkOnce, type ProblemReport} from '../reading/tree.js';
import {expectFields} from '../schema/head.js';
import {traitsOf} from '../traits.js';
import {child, given} from './section.js';

/** One entry of `guards` on a metric; undefined when any of it was wrong, and for a guard on an alert. */
export function readGuard(part: DocumentPart, metrics: readonly ReadMetric[]): GuardSpec | undefined {
  if (mappingOf(part) === undefined) return undefined;
  const {report, path} = part;
  const read = readFields(built(guardFields), part);
  if (child(part, 'alert').value !== undefined) return undefined;
  for (const key of ['from', 'labels']) {
    if (child(part, key).value === undefined) continue;
    const message = `expected \`${key}\` only beside \`alert\``;
    report.add({path: [...path, key], at: 'key', code: 'CONTRADICTION', message});
  }
  if (child(part, 'metric').value === undefined) {
    const message = 'expected `metric`: the name of a metric, or `alert`: that of an alert; got neither';
    report.add({path, code: 'MISSING', message});
    return undefined;
  }
  if (child(part, 'above').value === undefined && child(part, 'below').value === undefined) {
    report.add({path, code: 'MISSING', message: 'expected `above` or `below`; got neither'});
  }
  const {metric: name, for: forMs} = read;
  if (name === undefined) return undefined;
  const names = {what: 'a metric', known: metrics.map(metric => metric.name), section: 'steadyState'};
  if (!checkName(report, [...path, 'metric'], name, names)) return undefined;
  const unit = metrics.find(metric => metric.name === name)?.unit;
  if (unit === undefined || forMs === undefined) return undefined;
  const limits = limitsOf(part, read, {name, unit});
  return limits === undefined ? undefined : {metric: name, ...limits, forMs};
}

function limitsOf(part: DocumentPart, read: Read<ReturnType<typeof guardFields>>, metric: {name: string; unit: Unit}) {
  const limits: {above?: number; below?: number} = {};
  for (const key of ['above', 'below'] as const) {
    const written = read[key];
    const bound = written === undefined ? undefined : readBound(part.report, [...part.path, key], written, metric);
    if (bound === undefined && child(part, key).value !== undefined) return undefined;
    if (bound !== undefined) limits[key] = bound;
  }
  return limits.above === undefined && limits.below === undefined ? undefined : limits;
}

/** One entry of `expect.checks`; undefined when any of it was wrong. */
export function readCheck(part: DocumentPart): CheckSpec | undefined {
  if (mappingOf(part) === undefined) return undefined;
  const fields = built(checkFields);
  const kinds = probeKinds('check', [], Object.keys(fields));
  const read = readFields(fields, part, [...kinds.known, ...Object.keys(kinds.later)]);
  const kind = kindOf(kinds, part);
  if (child(part, 'value').value === undefined && child(part, 'change').value === undefined) {
    part.report.add({path: part.path, code: 'MISSING', message: 'expected `value` or `change`; got neither'});
    return undefined;
  }
  const probe =
    kind === undefined || PROBES[kind] === undefined ? undefined : readSource(kind, child(part, kind), true);
  if (probe === undefined || read.name === undefined) return undefined;
  if (traitsOf(probe.source).isDifference?.(probe.parameters) === true) {
    const message = 'expected a measure that one read has; a rate is the difference of two';
    part.report.add({
      path: [...part.path, probe.source],
      at: 'key',
      code: 'CONTRADICTION',
      message,
      hint: 'choose a `measure` that is a total',
    });
    return undefined;
  }
  const metric = {name: read.name, unit: probe.unit};
  const value = comparisonOf(child(part, 'value'), read.value, metric);
  const change = comparisonOf(child(part, 'change'), read.change, metric);
  if (value === 'wrong' || change === 'wrong') return undefined;
  return {
    name: read.name,
    source: probe.source,
    parameters: probe.parameters,
    timeoutMs: probe.timeoutMs,
    unit: probe.unit,
    ...given({value, change}),
  };
}

function comparisonOf(
  part: DocumentPart,
  written: Read<ReturnType<typeof checkFields>>['value'],
  metric: {name: string; unit: Unit},
): ComparisonSpec | undefined | 'wrong' {
  if (written === undefined) return part.value === undefined ? undefined : 'wrong';
  const read = (bound: number | string, path: Path) =>
    typeof bound === 'string' && parseLoadReference(bound) !== undefined
      ? bound
      : readBound(part.report, path, bound, metric);
  return readBounds<number | string>(part, written, read) ?? 'wrong';
}

export type ReadChecks = readonly {readonly path: Path; readonly spec: ReturnType<typeof readCheck>}[];

/** `expect` with its checks, each read by itself. */
export function readExpect(report: ProblemReport, value: unknown, parts: readonly DocumentPart[]) {
  const read: Read<ReturnType<typeof expectFields>> =
    value === undefined ? {} : readFields(built(expectFields), {report, path: ['expect'], value}, ['checks']);
  const checks: ReadChecks = parts.map(part => ({path: part.path, spec: readCheck(part)}));
  const seen = new Set<string>();
  for (const {path, spec} of checks) {
    if (spec !== undefined) checkOnce(report, [...path, 'name'], spec.name, seen);
  }
  return {read, checks};
}

/** What is expected besides the tolerances. */
export function expectOf(
  {read, checks}: ReturnType<typeof readExpect>,
  {recoveryMs}: WindowsSpec,
  {times, writes}: Required<Pick<ExpectSpec, 'times' | 'writes'>>,
): ExpectSpec {
  return {
    recovery: {withinMs: read.recovery?.within ?? recoveryMs},
    checks: checks.flatMap(check => check.spec ?? []),
    verdict: read.verdict ?? 'held',
    ...(times.length === 0 ? {} : {times}),
    ...(writes.length === 0 ? {} : {writes}),
  };
}
