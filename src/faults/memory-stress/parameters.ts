import * as z from 'zod';
import {share, size} from '../../quantities/schema.js';

/** Less than this cannot be told from what a process takes anyway. */
const SMALLEST = 2 ** 20;

export const parameters = () =>
  z
    .strictObject({
      size: size({min: SMALLEST})
        .optional()
        .describe('Memory that is taken, such as `256MiB`. Either this or `share`.'),
      share: share({positive: true})
        .optional()
        .describe(
          "Share of the target's memory limit (of the machine's memory where it has none) that is in use in the end, by target and stress together, such as `90%`. Either this or `size`.",
        ),
    })
    .refine(({size, share}) => size === undefined || share === undefined, {
      error: 'expected either `size` or `share`; got both',
    })
    .refine(({size, share}) => size !== undefined || share !== undefined, {
      error: 'expected either `size` or `share`; got neither',
    })
    .describe("Let stress-ng take memory inside the target's cgroup and hold it.");
