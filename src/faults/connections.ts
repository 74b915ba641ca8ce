import * as z from 'zod';
import {share as shareOf} from '../quantities/schema.js';
import type {FlowDirection} from '../targets/contract.js';

/** Parameters that faults on connections have in common. */

/** Which way: `default` and what each means. */
export const direction = (byDefault: 'both' | 'upstream' | 'downstream', about: string) =>
  z.enum(['both', 'upstream', 'downstream']).default(byDefault).describe(about);

/** Share of the connections, all of them by default. */
export const share = (about: string) => shareOf({positive: true}).prefault('100%').describe(about);

export const seed = () =>
  z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .optional()
    .describe(
      'Seed of the draw for `share`: the same one hits the same connections in the order in which they are made. Default: follows from target and parameters.',
    );

/**
 * What every draft on a stream is given beside the fault's own parameters; the toxic lives as long as the fault is
 * held.
 */
export const stream = (p: {direction: FlowDirection; share: number; seed?: number | undefined}, forMs: number) => ({
  direction: p.direction,
  share: p.share,
  seed: p.seed,
  ttlMs: forMs,
});
