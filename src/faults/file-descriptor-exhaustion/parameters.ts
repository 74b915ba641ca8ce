import * as z from 'zod';
import {regularExpression} from '../../quantities/schema.js';

export const parameters = () =>
  z
    .strictObject({
      leave: z
        .int()
        .min(0)
        .max(1_000_000)
        .optional()
        .describe('How many more descriptors each process may open. Default: 0, unless `limit` is given.'),
      limit: z
        .int()
        .min(1)
        .max(1_000_000_000)
        .optional()
        .describe('The soft limit that each process gets, as `ulimit -n` shows it. Instead of `leave`.'),
      processes: regularExpression()
        .min(1)
        .optional()
        .describe(
          "Regular expression for the command lines that are hit. Default: every process that exists when the fault starts: all of a container's; a process and all below it. What they start meanwhile inherits the limit.",
        ),
    })
    .refine(({leave, limit}) => leave === undefined || limit === undefined, {
      error: 'expected either `leave` or `limit`; got both',
    })
    .describe(
      'Lower the limit of open files and sockets: at the limit every open, socket and accept fails with EMFILE.',
    );
