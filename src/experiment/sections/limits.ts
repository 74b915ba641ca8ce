import {isErrorShare} from '../traits.js';
import {formatDuration} from '../../quantities/duration.js';
import {formatQuantity} from '../../quantities/format.js';
import {
  ANY,
  isAlwaysAbove,
  isAlwaysBelow,
  isNeverAbove,
  isNeverBelow,
  NOT_NEGATIVE,
  SHARE,
  type ValueRange,
} from '../../quantities/range.js';
import type {Unit} from '../../quantities/unit.js';
import {FAULTS, PROBES} from '../catalogue.generated.js';
import {
  BOUNDS,
  type Bounds,
  type CheckSpec,
  type GuardSpec,
  type LoadSpec,
  type MetricSpec,
  type SwitchbackSpec,
  type WindowsSpec,
} from '../experiment.js';
import type {Path} from '../problem.js';
import type {ProblemReport} from '../reading/tree.js';
import {describeTimeline} from '../timeline.js';
import type {ReadFault} from './faults.js';

/** A number with what is known of its values. */
interface MeasuredNumber {
  readonly name: string;
  readonly unit: Unit;
  readonly range: ValueRange;
}

/** The highest rate of a load of single requests at even distances; a second may hold one more. */
function mostPerSecond({http, rate, stages = [], arrivals}: LoadSpec): number | undefined {
  if (http === undefined || arrivals === 'poisson') return undefined;
  return Math.max(rate, ...stages.flatMap(({fromRate, toRate}) => [fromRate, toRate])) + 1;
}

const measureIn = ({measure}: MetricSpec['parameters']) => (typeof measure === 'string' ? measure : '');

function rangeOfLoad({parameters}: MetricSpec, load: LoadSpec | undefined): ValueRange {
  const measure = measureIn(parameters);
  // The latency of a request that is given up is the time-out.
  if (measure.startsWith('latency.')) return load === undefined ? NOT_NEGATIVE : {least: 0, most: load.timeoutMs};
  if (measure === 'errors.ratio') return SHARE;
  const most = load === undefined ? undefined : mostPerSecond(load);
  return most === undefined ? NOT_NEGATIVE : {least: 0, most};
}

function measuredBy(metric: MetricSpec, loads: readonly LoadSpec[]): MeasuredNumber {
  const {name, unit, source, parameters, timeoutMs} = metric;
  const load = loads.find(spec => spec.name === parameters['of']);
  const range = source === 'load' ? rangeOfLoad(metric, load) : (PROBES[source]?.rangeOf(parameters, timeoutMs) ?? ANY);
  return {name, unit, range};
}

/** `0% to 100%`, `0ms to 10s`, `0 or more`. */
function rangeWords({unit, range: {least, most, below}}: MeasuredNumber): string {
  const from = least === undefined ? undefined : formatQuantity(least, unit);
  const to = most ?? below;
  if (to === undefined) return `${from ?? ''} or more`;
  return from === undefined ? `at most ${formatQuantity(to, unit)}` : `${from} to ${formatQuantity(to, unit)}`;
}

function add(
  report: ProblemReport,
  path: Path,
  measured: MeasuredNumber,
  {can, value}: {can: string; value: number},
): void {
  const {name, unit} = measured;
  const message = `expected a limit that can be ${can}: \`${name}\` is always ${rangeWords(measured)}; got ${formatQuantity(value, unit)}`;
  report.add({path, code: 'POINTLESS', message});
}

type Of = (range: ValueRange, bound: number) => boolean;

/** Which values never keep to a bound, and which always do. */
const NEVER_OR_ALWAYS: Readonly<Record<keyof Bounds, {readonly never: Of; readonly always: Of}>> = {
  below: {never: isNeverBelow, always: isAlwaysBelow},
  above: {never: isNeverAbove, always: isAlwaysAbove},
  equals: {never: (range, bound) => isAlwaysAbove(range, bound) || isAlwaysBelow(range, bound), always: () => false},
  atLeast: {never: isAlwaysBelow, always: isNeverBelow},
  atMost: {never: isAlwaysAbove, always: isNeverAbove},
};

/** A limit that holds whatever is measured, or never. */
function checkBounds(report: ProblemReport, path: Path, measured: MeasuredNumber, bounds: Bounds): void {
  // One end of a band may be where the values end.
  const isBand = bounds.atLeast !== undefined && bounds.atMost !== undefined;
  for (const name of BOUNDS) {
    const value = bounds[name];
    if (value === undefined) continue;
    const {never, always} = NEVER_OR_ALWAYS[name];
    const key = isBand && name.startsWith('at') ? 'between' : name;
    if (never(measured.range, value)) add(report, [...path, key], measured, {can: 'met', value});
    else if (always(measured.range, value) && key !== 'between')
      add(report, [...path, key], measured, {can: 'missed', value});
  }
}

/** Nothing falls by more than all of it. */
function checkChange(report: ProblemReport, metric: MetricSpec, {range, name}: MeasuredNumber): void {
  const {deviation, worse} = metric;
  if (deviation === undefined || deviation.absolute === true || deviation.by < 1) return;
  const never = isErrorShare(metric) || (worse === 'lower' && range.least === 0);
  if (!never) return;
  const message = `expected a change that can be exceeded: \`${name}\` cannot get worse by more than 100%; got ${formatQuantity(deviation.by, 'ratio')}`;
  report.add({path: ['steadyState', name, 'deviation', 'by'], code: 'POINTLESS', message});
}

function checkGuard(report: ProblemReport, path: Path, measured: MeasuredNumber, {above, below}: GuardSpec): void {
  const {range} = measured;
  if (above !== undefined && isNeverAbove(range, above))
    add(report, [...path, 'above'], measured, {can: 'reached', value: above});
  if (above !== undefined && isAlwaysAbove(range, above))
    add(report, [...path, 'above'], measured, {can: 'kept', value: above});
  if (below !== undefined && isNeverBelow(range, below))
    add(report, [...path, 'below'], measured, {can: 'reached', value: below});
  if (below !== undefined && isAlwaysBelow(range, below))
    add(report, [...path, 'below'], measured, {can: 'kept', value: below});
}

/** What a file says about limits, as far as it could be read. */
export interface WrittenLimits {
  readonly metrics: readonly MetricSpec[];
  readonly load: readonly LoadSpec[];
  readonly guards: readonly {readonly path: Path; readonly spec: GuardSpec | undefined}[];
  readonly checks: readonly {readonly path: Path; readonly spec: CheckSpec | undefined}[];
}

const numbersOf = (bounds: CheckSpec['value']): Bounds =>
  Object.fromEntries(Object.entries(bounds ?? {}).filter(([, bound]) => typeof bound === 'number'));

/** The value of a check, where it is a number of the file. */
function checkValue(report: ProblemReport, path: Path, spec: CheckSpec): void {
  const {name, source, parameters, timeoutMs = Infinity, unit = 'number'} = spec;
  const range = PROBES[source]?.rangeOf(parameters, timeoutMs) ?? ANY;
  checkBounds(report, [...path, 'value'], {name, unit, range}, numbersOf(spec.value));
}

/** Limits that no value of what is measured could ever miss, meet or reach. */
export function checkLimits(report: ProblemReport, {metrics, load, guards, checks}: WrittenLimits): void {
  const measured = new Map(metrics.map(metric => [metric.name, measuredBy(metric, load)]));
  for (const metric of metrics) {
    const own = measured.get(metric.name);
    if (own === undefined) continue;
    checkBounds(report, ['steadyState', metric.name, 'tolerance'], own, metric.tolerance ?? {});
    checkChange(report, metric, own);
  }
  for (const {path, spec} of guards) {
    const own = spec === undefined ? undefined : measured.get(spec.metric);
    if (spec !== undefined && own !== undefined) checkGuard(report, path, own, spec);
  }
  for (const {path, spec} of checks) if (spec !== undefined) checkValue(report, path, spec);
}

/**
 * How long something can be injected in all, ms: what happened once has its effect until the platform has healed it.
 */
function injectedMs(
  faults: readonly ReadFault[],
  {switchback, windows}: {switchback: SwitchbackSpec | undefined; windows: WindowsSpec},
): number {
  const specs = faults.flatMap(({spec}) => spec ?? []);
  const {rows} = describeTimeline({faults: specs, windows, ...(switchback === undefined ? {} : {switchback})});
  const happens = faults.some(({kind}) => kind !== undefined && FAULTS[kind]?.nature === 'event');
  const lasts = Math.max(...rows.map(({endMs}) => endMs)) - Math.min(...rows.map(({startMs}) => startMs));
  return happens ? lasts + windows.recoveryMs : lasts;
}

/** A guard ends what is injected: one that waits for longer than that ends nothing. */
export function checkGuardTimes(
  report: ProblemReport,
  guards: WrittenLimits['guards'],
  known: {faults: readonly ReadFault[]; switchback: SwitchbackSpec | undefined; windows: WindowsSpec},
): void {
  if (report.has(['faults']) || known.faults.some(({spec}) => spec === undefined)) return;
  const mostMs = injectedMs(known.faults, known);
  for (const {path, spec} of guards) {
    if (spec === undefined || spec.forMs < mostMs) continue;
    const message = `expected less than ${formatDuration(mostMs)}, the time in which something is injected: the guard would never end it; got ${formatDuration(spec.forMs)}`;
    report.add({path: [...path, 'for'], code: 'POINTLESS', message});
  }
}
