import type * as z from 'zod';
import type {JsonObject} from '../../quantities/json.js';
import {FAULTS} from '../catalogue.generated.js';
import {built} from '../schema/built.js';
import {kindOf, mappingOf, readFields, readValue, type DocumentPart, type Read} from '../checking/entry.js';
import {unknownKey} from '../checking/issues.js';
import {knownKeys} from '../checking/known-keys.js';
import type {Path} from '../problem.js';
import type {AfterSpec, FaultSpec, SwitchbackSpec, TargetSpec} from '../experiment.js';
import {formFor} from '../kinds.js';
import {isMapping, type ProblemReport} from '../reading/tree.js';
import {faultFields} from '../schema/entries.js';
import {LATER_FAULTS} from '../schema/later.js';
import {MOST_CHANGES, occurrenceCount} from '../timeline.js';
import {child, given} from './section.js';

type FaultFields = Read<ReturnType<typeof faultFields>>;
type Steps = NonNullable<FaultSpec['steps']>;

/** One entry of `faults`, with what of it could be told even when part of it was wrong. */
export interface ReadFault {
  readonly part: DocumentPart;
  readonly kind: string | undefined;
  readonly fields: FaultFields;
  /** Undefined when any of it was wrong. */
  readonly spec: FaultSpec | undefined;
}

/**
 * `targets` are those that could be read: a fault's parameters depend on what it hits. In a switchback the blocks say
 * how long it holds.
 */
export function readFault(
  part: DocumentPart,
  targets: readonly TargetSpec[],
  switchback: SwitchbackSpec | undefined,
): ReadFault {
  const nothing: ReadFault = {part, kind: undefined, fields: {}, spec: undefined};
  if (mappingOf(part) === undefined) return nothing;
  const fields = built(faultFields);
  const known = Object.keys(FAULTS);
  const later = Object.fromEntries(Object.entries(LATER_FAULTS).filter(([fault]) => !known.includes(fault)));
  const read = readFields(fields, part, [...known, ...Object.keys(later)]);
  const lasts = lastsOf(part, read, switchback);
  const kind = kindOf({what: 'fault', known, later, fields: Object.keys(fields)}, part);
  if (kind === undefined) return {...nothing, fields: read};
  const first = targets.find(target => read.targets?.includes(target.name) === true);
  const injected = readParameters(kind, part, schemaFor(kind, first));
  return {part, kind, fields: read, spec: specOf(kind, {...read, for: lasts}, injected)};
}

/** Counted before anything is made of them. */
export function checkInjections(report: ProblemReport, faults: readonly ReadFault[]): void {
  const counts = faults.flatMap(({spec}) => (spec === undefined ? [] : [{spec, count: occurrenceCount(spec)}]));
  const all = counts.reduce((sum, {count}) => sum + count, 0);
  const [most] = counts.sort((a, b) => b.count - a.count);
  if (all <= MOST_CHANGES || most === undefined) return;
  const {name, steps, repeat} = most.spec;
  const factors = [
    ...(steps === undefined ? [] : [`${steps.parameters.length} steps`]),
    ...(repeat === undefined ? [] : [`${repeat.times} times`]),
  ];
  report.add({
    path: ['faults'],
    at: 'key',
    code: 'TOO_MANY',
    message: `expected at most ${MOST_CHANGES} injections in all: nobody looks through more; got ${all}, ${most.count} of them by \`${name}\` (${factors.join(' × ')})`,
    hint: 'fewer `steps`, or a smaller `repeat.times`',
  });
}

/** Where the target is wrong or not named, which is told elsewhere, the fault's first form stands in. */
function schemaFor(kind: string, target: TargetSpec | undefined): z.ZodType | undefined {
  const form = target === undefined ? undefined : formFor(kind, target);
  const taken = form ?? FAULTS[kind]?.forms[0];
  return taken === undefined ? undefined : built(taken.parameters);
}

/** How long an injection holds, ms; undefined after it was reported. */
function lastsOf(
  part: DocumentPart,
  {for: written}: FaultFields,
  switchback: SwitchbackSpec | undefined,
): number | undefined {
  const own = child(part, 'for');
  if (switchback !== undefined) {
    const message = 'expected no `for` beside `design: {switchback: …}`: a block says how long it holds';
    if (own.value !== undefined)
      part.report.add({path: own.path, at: 'key', code: 'CONTRADICTION', message, hint: 'remove `for`'});
    return switchback.blockMs;
  }
  if (own.value === undefined && !part.report.has(['design']))
    part.report.add({
      path: own.path,
      code: 'MISSING',
      message: 'expected `for`: a duration such as `200ms`, `5s`, `2m`; it is missing',
    });
  return written;
}

interface InjectedParameters {
  readonly parameters: JsonObject;
  readonly steps?: Steps;
}

function specOf(kind: string, read: FaultFields, injected: InjectedParameters | undefined): FaultSpec | undefined {
  const {name, targets, for: forMs, repeat} = read;
  if (name === undefined || targets === undefined || forMs === undefined || injected === undefined) return undefined;
  return {
    name,
    fault: kind,
    parameters: injected.parameters,
    targets,
    forMs,
    after: afterOf(read.after),
    heal: read.heal ?? 'default',
    keep: read.keep ?? false,
    ...given({
      steps: injected.steps,
      repeat: repeat === undefined ? undefined : {everyMs: repeat.every, times: repeat.times, targets: repeat.targets},
    }),
  };
}

function afterOf(after: FaultFields['after']): AfterSpec {
  if (after === undefined || typeof after === 'number') return {from: 'baseline', ms: after ?? 0};
  const {fault} = after;
  if (after.starts !== undefined) return {from: 'fault', fault, edge: 'starts', ms: after.starts};
  if (after.confirmed !== undefined) return {from: 'fault', fault, edge: 'confirmed', ms: after.confirmed};
  return {from: 'fault', fault, edge: 'ends', ms: after.ends ?? 0, ...given({onlyIf: after.if})};
}

/** The fault's block by its own schema; with steps, once for each step. */
function readParameters(
  kind: string,
  part: DocumentPart,
  schema: z.ZodType | undefined,
): InjectedParameters | undefined {
  const block = child(part, kind);
  if (schema === undefined) return undefined;
  const steps = child(part, 'steps');
  if (!isMapping(steps.value)) {
    const read = readValue(schema, block);
    return read === undefined ? undefined : {parameters: read.value as JsonObject};
  }
  const series = seriesOf(steps, knownKeys(schema, []));
  if (series === undefined) return undefined;
  return readSteps(kind, series, {block, steps, schema});
}

interface StepSeries {
  readonly names: readonly string[];
  readonly values: readonly (readonly unknown[])[];
  readonly length: number;
}

/** The parameters that change from step to step: lists of one length; undefined after a problem. */
function seriesOf(steps: DocumentPart, parameters: readonly string[]): StepSeries | undefined {
  if (!isMapping(steps.value)) return undefined;
  const {report} = steps;
  const entries = Object.entries(steps.value).filter(([key]) => key !== 'stopOn');
  let fine = true;
  const bad = (key: string, message: string, code: 'WRONG_TYPE' | 'CONTRADICTION' | 'WRONG_VALUE') => {
    report.add({path: [...steps.path, key], code, message, ...(code === 'CONTRADICTION' ? {at: 'key' as const} : {})});
    fine = false;
  };
  const length = Array.isArray(entries[0]?.[1]) ? entries[0][1].length : 0;
  for (const [key, values] of entries) {
    if (!parameters.includes(key)) {
      unknownKey(report, [...steps.path, key], [...parameters, 'stopOn']);
      fine = false;
    } else if (!Array.isArray(values)) bad(key, `expected a list of values for \`${key}\``, 'WRONG_TYPE');
    else if (values.length < 2 || values.length > 100) bad(key, 'expected a list of 2 to 100 values', 'WRONG_VALUE');
    else if (values.length !== length)
      bad(key, `expected ${length} values as in the other lists; got ${values.length}`, 'CONTRADICTION');
  }
  if (entries.length === 0) {
    report.add({path: steps.path, code: 'MISSING', message: 'expected a parameter with a list of values; got none'});
    return undefined;
  }
  return fine
    ? {names: entries.map(([key]) => key), values: entries.map(([, list]) => list as unknown[]), length}
    : undefined;
}

function readSteps(
  kind: string,
  series: StepSeries,
  {block, steps, schema}: {block: DocumentPart; steps: DocumentPart; schema: z.ZodType},
): InjectedParameters | undefined {
  const parameters: JsonObject[] = [];
  const labels: string[] = [];
  for (let i = 0; i < series.length; i++) {
    const own = Object.fromEntries(series.names.map((name, n) => [name, series.values[n]?.[i]]));
    const value = isMapping(block.value) ? {...block.value, ...own} : block.value;
    const read = readValue(schema, {...block, report: redirected(series.names, i, {block, steps}), value});
    if (read === undefined && parameters.length === 0 && i > 0) return undefined;
    if (read !== undefined) parameters.push(read.value as JsonObject);
    labels.push(series.names.map((name, n) => `${name} ${String(series.values[n]?.[i])}`).join(', '));
  }
  const [first] = parameters;
  if (first === undefined || parameters.length !== series.length) return undefined;
  const stopOnDeviation = isMapping(steps.value) && steps.value['stopOn'] === 'deviation';
  return {parameters: first, steps: {parameters, labels, stopOnDeviation}};
}

/** What is wrong with a value of a step is shown in the list of the steps; what is wrong with the block only once. */
function redirected(
  names: readonly string[],
  step: number,
  {block, steps}: {block: DocumentPart; steps: DocumentPart},
): DocumentPart['report'] {
  const {report} = block;
  const inSteps = (path: Path): Path | undefined => {
    const [key, ...rest] = path.slice(block.path.length);
    return typeof key === 'string' && names.includes(key) ? [...steps.path, key, step, ...rest] : undefined;
  };
  return {
    ...report,
    isReference: path => report.isReference(inSteps(path) ?? path),
    add: remark => {
      const path = inSteps(remark.path);
      if (path !== undefined) report.add({...remark, path});
      else if (!report.has(remark.path)) report.add(remark);
    },
  };
}
