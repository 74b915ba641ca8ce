import {isErrorShare} from '../traits.js';
import {describeUnit, formatQuantity} from '../../quantities/format.js';
import {meantQuantity} from '../../quantities/meant.js';
import {showValue} from '../../quantities/schema.js';
import {parseShare} from '../../quantities/share.js';
import type {Unit} from '../../quantities/unit.js';
import type {DocumentPart} from '../checking/entry.js';
import type {DeviationSpec, MetricSpec} from '../experiment.js';
import {quantityAt, UNIT_NAMES} from './bounds.js';
import {child, given} from './section.js';

/** A change that is far beyond what is allowed, where the file does not say. */
const CRITICAL_TIMES = 5;
/** Nobody means more than this: ten times as much may be added, or be the failure a hundred times. */
const MOST = {by: 10, critical: 100};

interface Size {
  readonly value: number;
  readonly absolute: boolean;
}

type MeasuredMetric = Pick<MetricSpec, 'name' | 'source' | 'parameters' | 'unit'>;

/** Shares are compared as they are: a difference in another unit says nothing about them. */
function unitOf(metric: MeasuredMetric): Unit {
  return isErrorShare(metric) ? 'ratio' : metric.unit;
}

function wanted(metric: MeasuredMetric): string {
  const unit = unitOf(metric);
  const {name} = metric;
  if (unit !== 'ratio')
    return `\`${name}\` is ${UNIT_NAMES[unit]}: expected a share of it such as \`20%\`, or ${describeUnit(unit)}`;
  return `\`${name}\` is ${metric.unit === 'ratio' ? UNIT_NAMES.ratio : 'compared as a share of the requests'}: expected ${describeUnit('ratio')}`;
}

function sizeOf(part: DocumentPart, written: string | number, unit: Unit): Size | undefined {
  const share = typeof written === 'string' ? parseShare(written) : undefined;
  if (share !== undefined) return {value: share, absolute: false};
  const value = unit === 'ratio' ? undefined : quantityAt(part.report, part.path, written, unit);
  return value === undefined ? undefined : {value, absolute: true};
}

function readSize(
  part: DocumentPart,
  key: 'by' | 'critical',
  written: string | number,
  metric: MeasuredMetric,
): Size | undefined {
  const own = child(part, key);
  const {path} = own;
  const size = sizeOf(own, written, unitOf(metric));
  if (size === undefined) {
    part.report.add({
      path,
      code: 'WRONG_UNIT',
      message: `${wanted(metric)}; got ${showValue(written)}`,
      hint: meantQuantity(written, unitOf(metric)),
    });
    return undefined;
  }
  const tooMuch = !size.absolute && size.value > MOST[key];
  if (size.value > 0 && !tooMuch) return size;
  const limit = tooMuch ? `at most ${formatQuantity(MOST[key], 'ratio')}` : 'more than zero';
  part.report.add({path, code: 'WRONG_VALUE', message: `expected ${limit}; got ${showValue(written)}`});
  return undefined;
}

/**
 * What a metric may change by: a share of its baseline, or a difference in its own unit. Undefined after it was
 * reported.
 */
export function readChange(
  part: DocumentPart,
  {by, critical}: {readonly by: string | number; readonly critical?: string | number | undefined},
  metric: MeasuredMetric,
): DeviationSpec | undefined {
  const allowed = readSize(part, 'by', by, metric);
  const failure = critical === undefined ? undefined : readSize(part, 'critical', critical, metric);
  if (allowed === undefined || (critical !== undefined && failure === undefined)) return undefined;
  const refuse = (code: 'CONTRADICTION' | 'WRONG_VALUE', message: string) => {
    part.report.add({path: child(part, 'critical').path, code, message: `${message}; got ${showValue(critical)}`});
  };
  if (failure !== undefined && failure.absolute !== allowed.absolute) {
    refuse(
      'CONTRADICTION',
      'expected `critical` in the same terms as `by`: both a share, or both in the unit of the metric',
    );
    return undefined;
  }
  if (failure !== undefined && failure.value <= allowed.value) {
    refuse('WRONG_VALUE', 'expected `critical` to be more than `by`');
    return undefined;
  }
  const absolute = allowed.absolute ? (true as const) : undefined;
  return {by: allowed.value, critical: failure?.value ?? CRITICAL_TIMES * allowed.value, ...given({absolute})};
}
