import * as z from 'zod';
import {regularExpression} from '../../quantities/schema.js';

const PLACES = ['of', 'file'] as const;

const placesOf = (given: unknown) => PLACES.filter(key => typeof given === 'object' && given !== null && key in given);

/** One entry of `logs`. */
export const log = () =>
  z
    .strictObject({
      of: z
        .string()
        .min(1)
        .optional()
        .describe('A target of this file: what its containers write (by the engine, standard output and error), or the output of a process that Firedrill starts. It does not have to be hit.'),
      file: z
        .string()
        .min(1)
        .optional()
        .describe('A file of this machine, followed by its name: it may be rotated, cut short, or appear later. A relative path begins where Firedrill is started.'),
      errors: regularExpression()
        .optional()
        .describe('A regular expression: what fits (a line, with its stack trace) is an error. Default: what says so by its level (`ERROR`, `FATAL`, `level=error`, `"level":"error"`, …) or carries a stack trace.'),
    })
    .refine(given => placesOf(given).length === 1, {
      error: ({input}) => `expected exactly one of \`of\` and \`file\`: where the log is; got ${placesOf(input).length === 0 ? 'neither' : 'both'}`,
    });

export type WrittenLog = z.output<ReturnType<typeof log>>;
