import type {DeviationSpec, MetricSpec, ToleranceSpec} from '../../experiment/experiment.js';
import {formatQuantity} from '../../quantities/format.js';
import {formatShare} from '../../quantities/share.js';
import type {Unit} from '../../quantities/unit.js';

type ToleranceBounds = Pick<ToleranceSpec, 'below' | 'above' | 'equals'>;

/** Whether a value satisfies every bound. `below` and `above` are exclusive; what is not a finite number never does. */
export function isWithin(value: number, {below, above, equals}: ToleranceBounds): boolean {
  if (!Number.isFinite(value)) return false;
  if (below !== undefined && value >= below) return false;
  if (above !== undefined && value <= above) return false;
  return equals === undefined || value === equals;
}

/** The bounds as a person says them: `below 400ms`, `above 2 and below 5`, `exactly 3`. */
export function describeBounds({below, above, equals}: ToleranceBounds, unit: Unit): string {
  const parts = [
    ...(equals === undefined ? [] : [`exactly ${formatQuantity(equals, unit)}`]),
    ...(above === undefined ? [] : [`above ${formatQuantity(above, unit)}`]),
    ...(below === undefined ? [] : [`below ${formatQuantity(below, unit)}`]),
  ];
  return parts.length === 0 ? 'no limit' : parts.join(' and ');
}

/**
 * How much of the way to the nearest bound a value has used: 1 at the bound, more beyond it; null where a share makes
 * no sense (an exact value, a bound of zero, a negative value).
 */
export function shareOfBound(value: number, {below, above}: ToleranceBounds): number | null {
  const shares = [
    ...(below !== undefined && below > 0 && value >= 0 ? [value / below] : []),
    ...(above !== undefined && above > 0 && value > 0 ? [above / value] : []),
  ];
  return shares.length === 0 ? null : Math.max(...shares);
}

/** How far out of its bounds a value is, for finding the worst of several: 0 inside. */
export function distanceOutside(value: number, {below, above, equals}: ToleranceBounds): number {
  return Math.max(
    0,
    below === undefined ? 0 : value - below,
    above === undefined ? 0 : above - value,
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
