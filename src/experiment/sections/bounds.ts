import {describeUnit} from '../../quantities/format.js';
import {parseQuantity} from '../../quantities/parse.js';
import {showValue} from '../../quantities/schema.js';
import type {Unit} from '../../quantities/unit.js';
import type {Path} from '../problem.js';
import type {Report} from '../reading/tree.js';

/** What may be read of a load once the run is over: `${load:NAME.accepted}`. */
export const LOAD_COUNTS = ['accepted', 'failed', 'sent', 'intended'] as const;

const UNIT_NAMES: Readonly<Record<Unit, string>> = {
  ms: 'a duration',
  ratio: 'a share',
  'per-second': 'a rate',
  bytes: 'a size',
  count: 'a count',
  number: 'a plain number',
};

/** A limit in the metric's unit; undefined after it was reported. */
export function readBound(
  report: Report,
  path: Path,
  written: string | number,
  metric: {name: string; unit: Unit},
): number | undefined {
  const value = parseQuantity(written, metric.unit);
  if (value !== undefined) return value;
  const message = `\`${metric.name}\` is ${UNIT_NAMES[metric.unit]}: expected ${describeUnit(metric.unit)}; got ${showValue(written)}`;
  report.add({path, code: 'WRONG_UNIT', message});
  return undefined;
}

/** A load whose count is referred to, with what is counted. */
export interface LoadReference {
  readonly load: string;
  readonly count: string;
}

/** Reads `${load:checkout.accepted}`; undefined for anything else. */
export function parseLoadReference(text: string): LoadReference | undefined {
  const match = /^\$\{load:(.+)\.([a-z]+)\}$/.exec(text);
  return match?.[1] === undefined || match[2] === undefined ? undefined : {load: match[1], count: match[2]};
}
