import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import type {Unit} from '../../../quantities/unit.js';
import {NOT_NEGATIVE, YES_OR_NO, type ValueRange} from '../../../quantities/range.js';

export const MEASURES = ['cpu', 'memory', 'restarts', 'health', 'oom-kills'] as const;
export type ContainerMeasure = (typeof MEASURES)[number];

const UNITS: Readonly<Record<ContainerMeasure, Unit>> = {
  cpu: 'ratio',
  memory: 'bytes',
  restarts: 'count',
  health: 'number',
  'oom-kills': 'count',
};

export const parameters = () =>
  z
    .strictObject({
      of: z.string().min(1).describe('Name of a Docker target of this file; one series per container.'),
      measure: z
        .enum(MEASURES)
        .describe(
          '`cpu`: share of one core. `memory`: bytes in use without the page cache. `restarts`: by the restart policy. `health`: 1 healthy, 0 not. `oom-kills`: times the container died of its memory limit since the probe was opened.',
        ),
    })
    .describe('Reads containers from the Docker engine.');

export function measureOf(parameters: JsonObject): ContainerMeasure {
  return MEASURES.find(measure => measure === parameters['measure']) ?? 'cpu';
}

export function unitOf(parameters: JsonObject): Unit {
  return UNITS[measureOf(parameters)];
}

export function worseOf(parameters: JsonObject): 'higher' | 'lower' | 'either' {
  return measureOf(parameters) === 'health' ? 'lower' : 'higher';
}

export function rangeOf(parameters: JsonObject, _timeoutMs: number): ValueRange {
  return measureOf(parameters) === 'health' ? YES_OR_NO : NOT_NEGATIVE;
}
