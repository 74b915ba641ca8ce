import * as z from 'zod';
import {size} from '../../quantities/schema.js';

export const parameters = () =>
  z
    .strictObject({
      workers: z.int().min(1).max(64).default(1).describe('Processes that write and sync, each to a file of its own.'),
      size: size({min: 2 ** 20, max: 2 ** 40})
        .prefault('64MiB')
        .describe('Most that each worker has on the disk at a time; its file is written again and again.'),
      path: z
        .string()
        .min(1)
        .optional()
        .describe(
          "Folder in the target whose file system is stressed, such as `/data`. Default: a container's working directory, a process's current directory.",
        ),
    })
    .describe("Let stress-ng write and sync in the target's file system, inside the target's cgroup.");
