import * as z from 'zod';
import {share, size} from '../../quantities/schema.js';

export const parameters = () =>
  z
    .strictObject({
      size: size({min: 4096}).optional().describe('How much is written, such as `2GiB`. Either this or `share`.'),
      share: share({positive: true})
        .optional()
        .describe(
          "Share of the file system's capacity that is in use in the end, as `df` counts it, such as `95%`. Either this or `size`.",
        ),
      path: z
        .string()
        .min(1)
        .optional()
        .describe(
          "Folder in the target whose file system is filled: a volume or a tmpfs by its path. Default: a container's `/` (its writable layer), a process's current directory.",
        ),
      margin: size()
        .optional()
        .describe(
          'Free space that is always left. Default: the larger of 1GiB and 5 % on a file system that the machine itself needs (its root, the data folder of the engine), where it can be no less than 256MiB; nothing on one of its own, such as a volume with its own disk.',
        ),
    })
    .refine(({size, share}) => size === undefined || share === undefined, {
      error: 'expected either `size` or `share`; got both',
    })
    .refine(({size, share}) => size !== undefined || share !== undefined, {
      error: 'expected either `size` or `share`; got neither',
    })
    .describe("Fill the target's file system with one file.");
