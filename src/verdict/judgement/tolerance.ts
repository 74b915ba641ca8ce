import {
  BOUNDS,
  type Bounds,
  type DeviationSpec,
  type MetricSpec,
  type ToleranceTime,
} from '../../experiment/experiment.js';
import {formatQuantity} from '../../quantities/format.js';
import {formatShare} from '../../quantities/share.js';
import type {Unit} from '../../quantities/unit.js';

/** Whether a value satisfies every bound. What is not a finite number never does. */
export function isWithin(value: number, {below, above, equals, atLeast, atMost}: Bounds): boolean {
  if (!Number.isFinite(value)) return false;
  if (below !== undefined && value >= below) return false;
  if (above !== undefined && value <= above) return false;
  if (atLeast !== undefined && value < atLeast) return false;
  if (atMost !== undefined && value > atMost) return false;
  return equals === undefined || value === equals;
}

const BOUND_WORDS = {
  equals: 'exactly',
  above: 'above',
  atLeast: 'at least',
  below: 'below',
  atMost: 'at most',
} as const;

/** The bounds as a person says them: `below 400ms`, `above 2 and below 5`, `exactly 3`, `40% to 60%`. */
export function describeBounds(bounds: Bounds<number | string>, unit: Unit): string {
  const say = (bound: number | string) => (typeof bound === 'string' ? bound : formatQuantity(bound, unit));
  const {atLeast, atMost, ...single} = bounds;
  const isBand = atLeast !== undefined && atMost !== undefined;
  const parts = BOUNDS.flatMap(name => {
    const bound = isBand ? {...single}[name as keyof typeof single] : bounds[name];
    return bound === undefined ? [] : [`${BOUND_WORDS[name]} ${say(bound)}`];
  });
  const band = atLeast === atMost ? `${BOUND_WORDS.equals} ${say(atLeast ?? 0)}` : '';
  const all = isBand ? [...parts, band === '' ? `${say(atLeast)} to ${say(atMost)}` : band] : parts;
  return all.length === 0 ? 'no limit' : all.join(' and ');
}

const TIME_WORDS: Readonly<Record<ToleranceTime, string>> = {
  baseline: 'before the fault',
  fault: 'while a fault is in force',
  recovery: 'after the recovery',
};

/** The same with when it applies, where that is not always: `exactly 1 while a fault is in force`. */
export function describeTolerance(
  {during, ...bounds}: Bounds & {readonly during?: readonly ToleranceTime[]},
  unit: Unit,
): string {
  const when = during === undefined ? '' : ` ${during.map(time => TIME_WORDS[time]).join(' and ')}`;
  return `${describeBounds(bounds, unit)}${when}`;
}

/**
 * How much of the way to the nearest bound a value has used: 1 at the bound, more beyond it; null where a share makes
 * no sense (an exact value, a bound of zero, a negative value).
 */
export function shareOfBound(value: number, bounds: Bounds): number | null {
  const {above = -Infinity, atLeast = -Infinity} = bounds;
  const [most, least] = [upperBound(bounds), Math.max(above, atLeast)];
  const shares = [
    ...(most !== undefined && most > 0 && value >= 0 ? [value / most] : []),
    ...(least > 0 && value > 0 ? [least / value] : []),
  ];
  return shares.length === 0 ? null : Math.max(...shares);
}

/** The numbers of the bounds, in the order in which they are told. */
export function boundValues(bounds: Bounds): readonly number[] {
  return BOUNDS.map(name => bounds[name]).filter(bound => bound !== undefined);
}

/** What a value must not go beyond. */
export function upperBound({below, atMost}: Bounds): number | undefined {
  const bounds = [below, atMost].filter(bound => bound !== undefined);
  return bounds.length === 0 ? undefined : Math.min(...bounds);
}

/** How far out of its bounds a value is, for finding the worst of several: 0 inside. */
export function distanceOutside(value: number, {below, above, equals, atLeast, atMost}: Bounds): number {
  return Math.max(
    0,
    ...[below, atMost].map(most => (most === undefined ? 0 : value - most)),
    ...[above, atLeast].map(least => (least === undefined ? 0 : least - value)),
    equals === undefined ? 0 : Math.abs(value - equals),
  );
}

const SIGNS = {higher: '+', lower: '−', either: '±'} as const;

/** `+50%`, `−10%`, `±20ms`: the change that is allowed. */
export function describeChange(
  {by, absolute}: DeviationSpec,
  {worse, unit}: Pick<MetricSpec, 'worse' | 'unit'>,
): string {
  return `${SIGNS[worse]}${absolute === true ? formatQuantity(by, unit) : formatShare(by)}`;
}
