import {describeUnit} from '../../quantities/format.js';
import {meantQuantity} from '../../quantities/meant.js';
import {parseQuantity} from '../../quantities/parse.js';
import {showValue} from '../../quantities/schema.js';
import type {Unit} from '../../quantities/unit.js';
import type {Path} from '../problem.js';
import {scalar, type ProblemReport} from '../reading/tree.js';

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
