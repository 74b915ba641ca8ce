import * as z from 'zod';
import type {JsonObject} from '../../quantities/json.js';
import {ANY, YES_OR_NO, type ValueRange} from '../../quantities/range.js';
import {regularExpression} from '../../quantities/schema.js';
import type {Unit} from '../../quantities/unit.js';

/** Parts of the parameters that several probes share. Pure: the experiment's catalogue loads it. */

const UNITS = ['ms', 'ratio', 'per-second', 'bytes', 'count', 'number'] as const satisfies readonly Unit[];

/** What the number counts, where the probe cannot know. */
export const unit = () =>
  z
    .enum(UNITS)
    .optional()
    .describe(
      'What the number counts: tolerances are written in it and reports show it. A `ratio` is 0 to 1. Default: `number`.',
    );

export function unitFrom(value: unknown): Unit {
  return UNITS.find(known => known === value) ?? 'number';
}

/** The unit of what `measure: latency | number | …` of these parameters stands for. */
export function unitOf(given: JsonObject): Unit {
  if (given['measure'] === 'latency') return 'ms';
  return given['measure'] === 'number' ? unitFrom(given['unit']) : 'number';
}

/** Its bad direction. */
export function worseOf(given: JsonObject): 'higher' | 'lower' | 'either' {
  if (given['measure'] === 'number') return 'either';
  return given['measure'] === 'up' ? 'lower' : 'higher';
}

/** Which values it can have. A read that takes longer than its time-out has none. */
export function rangeOf(given: JsonObject, timeoutMs: number): ValueRange {
  if (given['measure'] === 'latency') return {least: 0, below: timeoutMs};
  return given['measure'] === 'up' ? YES_OR_NO : ANY;
}

/** A regular expression (with the flags m and u). */
export const regex = () => regularExpression();

export {jsonPath} from '../../quantities/json-path.js';

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/;

/** `127.0.0.1:5432`, `db:5432` or `[::1]:5432`; undefined when it is none of these. */
export function parseAddress(text: string): {host: string; port: number} | undefined {
  const match = ADDRESS.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65535) return undefined;
  return {host: match[1] ?? match[2] ?? '', port};
}
