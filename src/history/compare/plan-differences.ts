import type {Experiment} from '../../experiment/experiment.js';
import {formatDuration} from '../../quantities/duration.js';
import {cutText} from './words.js';

/** One place in which two plans differ, in words; a dash: it is not there. */
export interface PlanDifference {
  readonly where: string;
  readonly first: string;
  readonly here: string;
}

const MOST = 30;
const NONE = '–';

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const hasName = (value: unknown): value is {readonly name: string} =>
  isObject(value) && typeof value['name'] === 'string';

/** The parts of a value by their names; undefined where it has none. A list of named things goes by their names. */
function partsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (isObject(value)) return new Map(Object.entries(value));
  if (!Array.isArray(value) || value.length === 0 || !value.every(hasName)) return undefined;
  return new Map(value.map(one => [one.name, one]));
}

function words(value: unknown, name: string): string {
  if (value === undefined) return NONE;
  if (isObject(value)) return 'planned';
  if (typeof value === 'number' && name.endsWith('Ms')) return formatDuration(value);
  return cutText(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The places in which two values differ, from the outside in. */
function differences(first: unknown, here: unknown, path: readonly string[]): readonly PlanDifference[] {
  if (JSON.stringify(first) === JSON.stringify(here)) return [];
  const [left, right] = [partsOf(first), partsOf(here)];
  if (left === undefined || right === undefined) {
    const name = path.at(-1) ?? '';
    const where = [...path.slice(0, -1), name.replace(/(?<=.)Ms$/, '')].join(' › ');
    return [{where, first: words(first, name), here: words(here, name)}];
  }
  const names = new Set([...left.keys(), ...right.keys()]);
  return [...names].flatMap(name => differences(left.get(name), right.get(name), [...path, name]));
}

/**
 * What differs between the plans of two runs: faults, load, targets, metrics with what is allowed of them, windows,
 * guards, expectations.
 */
export function planDifferences(
  first: Experiment,
  here: Experiment,
): {readonly shown: readonly PlanDifference[]; readonly more: number} {
  const all = differences(first, here, []);
  return {shown: all.slice(0, MOST), more: Math.max(0, all.length - MOST)};
}
