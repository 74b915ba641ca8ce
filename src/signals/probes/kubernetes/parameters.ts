import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import type {Unit} from '../../../quantities/unit.js';
import {NOT_NEGATIVE, type ValueRange} from '../../../quantities/range.js';

export const parameters = () =>
  z
    .strictObject({
      of: z.string().min(1).describe('Name of a Kubernetes target of this file.'),
      measure: z
        .enum(['ready-replicas', 'restarts'])
        .describe(
          '`ready-replicas`: pods of the workload that are ready and not ending. `restarts`: of the containers of its present pods.',
        ),
    })
    .describe('Reads pods and workloads of a cluster.');

export function unitOf(_parameters: JsonObject): Unit {
  return 'count';
}

export function worseOf(parameters: JsonObject): 'higher' | 'lower' | 'either' {
  return parameters['measure'] === 'ready-replicas' ? 'lower' : 'higher';
}

export function rangeOf(_parameters: JsonObject, _timeoutMs: number): ValueRange {
  return NOT_NEGATIVE;
}
