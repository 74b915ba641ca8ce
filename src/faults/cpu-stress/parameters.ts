import * as z from 'zod';
import {share} from '../../quantities/schema.js';

export const parameters = () =>
  z
    .strictObject({
      workers: z
        .int()
        .min(1)
        .max(1024)
        .optional()
        .describe('Processes that compute, one core each. Default: as many as the target may use cores.'),
      load: share({min: 0.01})
        .prefault('100%')
        .describe('How much of its core each worker asks for, such as `50%`; whole per cents.'),
    })
    .describe(
      "Let stress-ng compute inside the target's cgroup: it competes with the target for the same processor time.",
    );
