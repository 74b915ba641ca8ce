import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import {NOT_NEGATIVE, type ValueRange} from '../../../quantities/range.js';
import type {Unit} from '../../../quantities/unit.js';
import type {ProbeTraits} from '../../traits.js';
import {regex} from '../fields.js';

const MEASURES = ['lines.rate', 'errors.rate', 'lines.total', 'errors.total'] as const;

export const parameters = () =>
  z
    .strictObject({
      of: z.string().min(1).describe('Name of an entry of `logs` of this file.'),
      measure: z
        .enum(MEASURES)
        .default('errors.rate')
        .describe(
          '`lines.rate`: lines per second since the read before. `errors.rate`: errors per second; a line with its stack trace is one, and what an error is says the entry of `logs`. `lines.total`, `errors.total`: since the log is followed, for a check.',
        ),
      matches: regex()
        .optional()
        .describe(
          'Counts only what fits this regular expression, a line with its stack trace once; instead of what an error is.',
        ),
    })
    .describe('Counts the lines of a log that is followed.');

export type Parameters = z.output<ReturnType<typeof parameters>>;

/** A rate is the difference of two reads. */
const isRate = ({measure}: JsonObject) => typeof measure === 'string' && measure.endsWith('.rate');

export function unitOf(given: JsonObject): Unit {
  return isRate(given) ? 'per-second' : 'count';
}

export function worseOf(given: JsonObject): 'higher' | 'lower' | 'either' {
  const {measure} = given;
  return typeof measure === 'string' && measure.startsWith('errors') ? 'higher' : 'either';
}

export function rangeOf(_given: JsonObject, _timeoutMs: number): ValueRange {
  return NOT_NEGATIVE;
}

export const traits: ProbeTraits = {reads: 'logs', isDifference: isRate};
