import {describeUnit} from '../../quantities/format.js';
import {meantQuantity} from '../../quantities/meant.js';
import {parseQuantity} from '../../quantities/parse.js';
import {showValue} from '../../quantities/schema.js';
import type {Unit} from '../../quantities/unit.js';
import type {DocumentPart} from '../checking/entry.js';
import {BOUNDS, type Bounds} from '../experiment.js';
import type {Path} from '../problem.js';
import {scalar, type ProblemReport} from '../reading/tree.js';
import {child, given} from './section.js';

/** What a metric of each unit is, in words. */
export const UNIT_NAMES: Readonly<Record<Unit, string>> = {
  ms: 'a duration',
  ratio: 'a share',
  'per-second': 'a rate',
  bytes: 'a size',
  count: 'a count',
  number: 'a plain number',
};

/** A limit in the metric's unit; undefined after it was reported. */
export function readBound(
  report: ProblemReport,
  path: Path,
  written: string | number,
  metric: {name: string; unit: Unit},
): number | undefined {
  const value = quantityAt(report, path, written, metric.unit);
  if (value !== undefined) return value;
  const message = `\`${metric.name}\` is ${UNIT_NAMES[metric.unit]}: expected ${describeUnit(metric.unit)}; got ${showValue(written)}`;
  report.add({path, code: 'WRONG_UNIT', message, hint: meantQuantity(written, metric.unit)});
  return undefined;
}

/** A quantity in a unit, where a reference in quotes may stand for a number; undefined when it is none. */
export function quantityAt(
  report: ProblemReport,
  path: Path,
  written: string | number,
  unit: Unit,
): number | undefined {
  const read = typeof written === 'string' && report.isReference(path) ? scalar(written) : written;
  return typeof read === 'boolean' ? undefined : parseQuantity(read, unit);
}

type WrittenBound = string | number;

/** Bounds as the file has them. */
interface WrittenBounds {
  readonly between?: readonly WrittenBound[] | undefined;
}

/** Bounds of a number, each read by `read`; undefined after something was reported. */
export function readBounds<T extends WrittenBound>(
  part: DocumentPart,
  written: WrittenBounds & {readonly [K in keyof Bounds]?: WrittenBound | undefined},
  read: (value: WrittenBound, path: Path) => T | undefined,
): Bounds<T> | undefined {
  const {atLeast, atMost, between} = written;
  if (between !== undefined && (atLeast !== undefined || atMost !== undefined)) {
    const message = 'expected `between`, or `atLeast` and `atMost`; got both';
    part.report.add({path: child(part, 'between').path, at: 'key', code: 'CONTRADICTION', message});
    return undefined;
  }
  const places = BOUNDS.map(bound => ({bound, value: written[bound], path: [...part.path, bound] as Path}));
  const ends = (['atLeast', 'atMost'] as const).map((bound, i) => ({
    bound,
    value: between?.[i],
    path: [...part.path, 'between', i] as Path,
  }));
  const bounds: {-readonly [K in keyof Bounds]?: T} = {};
  for (const {bound, value, path} of [...places, ...ends]) {
    if (value === undefined) continue;
    const number = read(value, path);
    if (number === undefined) return undefined;
    bounds[bound] = number;
  }
  if (!excludesAll(bounds)) return given(bounds);
  const message = 'expected bounds that a value can keep to; got bounds that exclude each other';
  part.report.add({path: part.path, at: 'key', code: 'CONTRADICTION', message});
  return undefined;
}

/** Whether no number keeps to these bounds, as far as they are numbers. */
function excludesAll({below, above, equals, atLeast, atMost}: Bounds<WrittenBound>): boolean {
  const number = (bound: WrittenBound | undefined, otherwise: number) =>
    typeof bound === 'number' ? bound : otherwise;
  const least = number(atLeast, -Infinity);
  const most = number(atMost, Infinity);
  const [over, under] = [number(above, -Infinity), number(below, Infinity)];
  if (over >= under || least > most || least >= under || over >= most) return true;
  return typeof equals === 'number' && (equals <= over || equals >= under || equals < least || equals > most);
}
