import * as z from 'zod';
import {duration} from '../../quantities/schema.js';
import {isNothing, nothingToUndo} from '../nothing-to-undo.js';

/** A list of arguments, or one string for the shell. */
const command = () =>
  z.union([z.array(z.string()).min(1), z.string().min(1)], {
    error: 'expected a list of arguments such as `[systemctl, stop, cache]`, or one string together with `shell: true`',
  });

export const parameters = () =>
  z
    .strictObject({
      do: command().describe('What breaks it: a list of arguments, or a string with `shell: true`.'),
      undo: z
        .union([command(), nothingToUndo()], {
          error: 'expected a command that puts it back, or `{ nothing: REASON }` where there is nothing to put back',
        })
        .optional()
        .describe(
          'What puts it back; `{ nothing: REASON }` where `do` leaves nothing to put back (a signal that only reloads). Without either the fault is irreversible.',
        ),
      proof: command()
        .optional()
        .describe('Answers with exit code 0 while the fault is in force and 1 when it is not. Reads only.'),
      shell: z.boolean().default(false).describe('Run the commands as strings by `/bin/sh -c`.'),
      cwd: z.string().min(1).optional().describe('Folder in which the commands run.'),
      environment: z
        .record(z.string(), z.string())
        .default({})
        .describe('Variables for the commands. FIREDRILL_TARGET_NAME and FIREDRILL_TARGET_ID are always set.'),
      timeout: duration({positive: true}).prefault('30s').describe('How long each command may take.'),
    })
    .superRefine((given, context) => {
      for (const key of ['do', 'undo', 'proof'] as const) {
        const value = given[key];
        if (value === undefined || isNothing(value) || (typeof value === 'string') === given.shell) continue;
        const message = given.shell
          ? 'expected one string because `shell` is true; got a list'
          : 'expected a list of arguments; got a string (add `shell: true` to run it by a shell)';
        context.addIssue({code: 'custom', path: [key], message});
      }
    })
    .transform(({do: act, undo, proof, shell, cwd, environment, timeout}) => {
      const of = (value: string | readonly string[]) => ({
        run: typeof value === 'string' ? [value] : [...value],
        shell,
        ...(cwd === undefined ? {} : {cwd}),
        environment,
        timeoutMs: timeout,
      });
      return {
        do: of(act),
        ...(undo === undefined ? {} : {undo: isNothing(undo) ? undo : of(undo)}),
        ...(proof === undefined ? {} : {proof: of(proof)}),
      };
    })
    .describe('The escape hatch: break, prove and put back with commands of your own. They run on this machine.');
