import * as z from 'zod';
import {duration} from './schema.js';
import {isNothing, nothingToUndo} from './nothing-to-undo.js';

/** A command of the author: an argv, or one string when `shell` is true. Texts may hold `${secret:…}` references. */
export interface AuthorCommand {
  readonly run: readonly string[];
  readonly shell: boolean;
  readonly cwd?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

type WrittenCommand = string | readonly string[];

/** A list of arguments, or one string for the shell. */
export const command = () =>
  z.union([z.array(z.string()).min(1), z.string().min(1)], {
    error: 'expected a list of arguments such as `[systemctl, stop, cache]`, or one string together with `shell: true`',
  });

/** What puts back what a command did, or why there is nothing to put back. */
export const undoCommand = () =>
  z.union([command(), nothingToUndo()], {
    error: 'expected a command that puts it back, or `{ nothing: REASON }` where there is nothing to put back',
  });

/** How the commands of an author run; `told` says what they are always told, `each` whom `timeout` is about. */
export const commandFields = (told = '', each = 'each command') => ({
  shell: z.boolean().default(false).describe('Run the commands as strings by `/bin/sh -c`.'),
  cwd: z.string().min(1).optional().describe('Folder in which the commands run.'),
  environment: z.record(z.string(), z.string()).default({}).describe(`Variables for the commands.${told}`),
  timeout: duration({positive: true}).prefault('30s').describe(`How long ${each} may take.`),
});

interface CommandOptions {
  readonly shell: boolean;
  readonly cwd?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: number;
}

/** A problem for each command at these keys that is not written as `shell` says. */
export function checkForms<K extends string>(
  keys: readonly K[],
  given: {readonly shell: boolean} & Readonly<Partial<Record<K, unknown>>>,
  add: (issue: {code: 'custom'; path: string[]; message: string}) => void,
): void {
  for (const key of keys) {
    const value: unknown = given[key];
    if (value === undefined || isNothing(value) || (typeof value === 'string') === given.shell) continue;
    const message = given.shell
      ? 'expected one string because `shell` is true; got a list'
      : 'expected a list of arguments; got a string (add `shell: true` to run it by a shell)';
    add({code: 'custom', path: [key], message});
  }
}

/** The command as the drivers run it; `timeoutMs` from `timeout`. */
export function commandOf(value: WrittenCommand, {shell, cwd, environment, timeout}: CommandOptions) {
  return {
    run: typeof value === 'string' ? [value] : [...value],
    shell,
    ...(cwd === undefined ? {} : {cwd}),
    environment,
    timeoutMs: timeout,
  };
}

/** The undo as the drivers take it. */
export function undoOf(value: WrittenCommand | {readonly nothing: string}, options: CommandOptions) {
  return isNothing(value) ? value : commandOf(value, options);
}
