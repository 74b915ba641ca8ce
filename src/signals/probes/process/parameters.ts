import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import type {Unit} from '../../../quantities/unit.js';
import {NOT_NEGATIVE, YES_OR_NO, type ValueRange} from '../../../quantities/range.js';

const UNITS = {cpu: 'ratio', memory: 'bytes', running: 'number'} as const satisfies Readonly<Record<string, Unit>>;

export const parameters = () =>
  z
    .strictObject({
      of: z.string().min(1).describe('Name of a process target of this file; one series per process.'),
      measure: z
        .enum(['cpu', 'memory', 'running'])
        .describe(
          '`cpu`: share of one core since the read before. `memory`: resident bytes. `running`: 1 while the process exists, also when it is paused, 0 otherwise.',
        ),
    })
    .describe('Reads processes of this machine from /proc.');

export type Parameters = z.output<ReturnType<typeof parameters>>;

export function unitOf(given: JsonObject): Unit {
  return given['measure'] === 'cpu' || given['measure'] === 'memory' ? UNITS[given['measure']] : UNITS.running;
}

export function worseOf(given: JsonObject): 'higher' | 'lower' | 'either' {
  return given['measure'] === 'running' ? 'lower' : 'higher';
}

export function rangeOf(given: JsonObject, _timeoutMs: number): ValueRange {
  return given['measure'] === 'running' ? YES_OR_NO : NOT_NEGATIVE;
}
