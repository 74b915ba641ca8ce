import type {JsonObject} from '../../quantities/json.js';
import {formatDuration} from '../../quantities/duration.js';
import type {Unit} from '../../quantities/unit.js';
import type {Form} from '../../signals/derived/spec.js';
import {readValue, type DocumentPart} from '../checking/entry.js';
import {DERIVED} from '../derived.js';
import type {MetricSpec} from '../experiment.js';
import {checkName} from '../reading/tree.js';
import {built} from '../schema/built.js';
import {derivedMetric} from '../schema/derived.js';
import {UNIT_NAMES} from './bounds.js';
import {isCapacity} from './capacity.js';

/** The other metrics of the file, for one that is made of them. */
export interface OtherMetrics {
  readonly names: readonly string[];
  /** Those that are being read: one that is made of another comes before that. */
  readonly waiting: readonly string[];
  /** Undefined where any of it was wrong. */
  readonly find: (name: string) => MetricSpec | undefined;
}

export interface DerivedSource {
  readonly source: typeof DERIVED;
  readonly parameters: JsonObject;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly unit: Unit;
  readonly worse: MetricSpec['worse'];
}

/** The block of a metric that is made of others; undefined after it was reported. */
export function derivedSource(part: DocumentPart, others: OtherMetrics): DerivedSource | undefined {
  const read = readValue(built(derivedMetric), part);
  if (read === undefined) return undefined;
  const {form, metrics, every} = read.value;
  const at = (i: number) => [...part.path, ...(form === 'share' ? [i === 0 ? 'share' : 'of'] : [form, i])];
  const found = metrics.map((name, i) => operand(part, at(i), name, others));
  const operands = found.flatMap(metric => metric ?? []);
  if (operands.length < metrics.length) return undefined;
  const unit = unitOf(part, form, {operands, at});
  const leastMs = Math.max(...operands.map(({everyMs}) => everyMs));
  if (unit === undefined || !fitsRhythm(part, every, {operands, leastMs})) return undefined;
  return {
    source: DERIVED,
    parameters: {form, metrics: [...metrics]},
    everyMs: every ?? leastMs,
    timeoutMs: Math.max(...operands.map(({timeoutMs}) => timeoutMs)),
    unit,
    worse: worseOf(form, operands),
  };
}

function operand(
  {report}: DocumentPart,
  path: readonly (string | number)[],
  name: string,
  {names, waiting, find}: OtherMetrics,
): MetricSpec | undefined {
  if (!checkName(report, path, name, {what: 'another metric', known: names, section: 'steadyState'})) return undefined;
  if (waiting.includes(name)) {
    const circle = [...waiting.slice(waiting.indexOf(name)), name].map(one => `\`${one}\``).join(' → ');
    const message = `expected metrics that are not made of each other; got ${circle}`;
    report.add({path, code: 'CYCLE', message});
    return undefined;
  }
  const metric = find(name);
  if (metric === undefined || !isCapacity(metric)) return metric;
  const message = `expected a metric that is known at every moment; got \`${name}\`: a capacity is read off a whole sweep`;
  report.add({path, code: 'CONTRADICTION', message});
  return undefined;
}

interface Operands {
  readonly operands: readonly MetricSpec[];
  /** Where in the file each of them stands. */
  readonly at: (i: number) => readonly (string | number)[];
}

/** Of a sum, a difference and a share all must count the same; a ratio of different things is a plain number. */
function unitOf({report}: DocumentPart, form: Form, {operands, at}: Operands): Unit | undefined {
  const [first] = operands;
  const other = operands.findIndex(({unit}) => unit !== first?.unit);
  const odd = operands[other];
  if (first === undefined || odd === undefined) return form === 'ratio' || form === 'share' ? 'ratio' : first?.unit;
  if (form === 'ratio') return 'number';
  const message = `expected metrics of one unit: \`${first.name}\` is ${UNIT_NAMES[first.unit]}, \`${odd.name}\` is ${UNIT_NAMES[odd.unit]}`;
  report.add({
    path: at(other),
    code: 'CONTRADICTION',
    message,
    hint: 'where a probe has it, `unit` says what a number counts',
  });
  return undefined;
}

/** A value that is used twice would count as two. */
function fitsRhythm(
  {report, path}: DocumentPart,
  every: number | undefined,
  {operands, leastMs}: {operands: readonly MetricSpec[]; leastMs: number},
): boolean {
  if (every === undefined || every >= leastMs) return true;
  const slowest = operands.find(({everyMs}) => everyMs === leastMs);
  const message = `expected at least \`${formatDuration(leastMs)}\`: \`${slowest?.name}\` has no new value more often`;
  report.add({path: [...path, 'every'], code: 'CONTRADICTION', message});
  return false;
}

const OPPOSITE = {higher: 'lower', lower: 'higher', either: 'either'} as const;

/** The bad direction, where those of the parts agree on one. */
function worseOf(form: Form, [first, ...rest]: readonly MetricSpec[]): MetricSpec['worse'] {
  if (first === undefined) return 'either';
  if (form === 'share') return first.worse;
  const against = rest.map(({worse}) => (form === 'sum' ? worse : OPPOSITE[worse]));
  return against.every(worse => worse === first.worse) ? first.worse : 'either';
}
