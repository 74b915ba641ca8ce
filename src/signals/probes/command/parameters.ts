import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import type {Unit} from '../../../quantities/unit.js';
import {jsonPath, regex, unit, unitFrom} from '../fields.js';
import {ANY, type ValueRange} from '../../../quantities/range.js';

const shape = () =>
  z.strictObject({
    run: z
      .union([z.array(z.string()).min(1), z.string().min(1)], {
        error: 'expected a list of arguments such as `[queue-depth, --all]`, or one string together with `shell: true`',
      })
      .describe(
        'What to run, on this machine. Its exit code must be 0. Its own end counts, not that of a daemon that it leaves behind; what stays in its process group is killed.',
      ),
    shell: z.boolean().default(false).describe('Run the command as a string by `/bin/sh -c`.'),
    cwd: z.string().min(1).optional().describe('Folder in which the command runs.'),
    environment: z.record(z.string(), z.string()).default({}).describe('Further variables for the command.'),
    read: z
      .union(
        [
          z.literal('number'),
          z.strictObject({jsonPath: jsonPath().describe('Where in the JSON output the number is.')}),
          z.strictObject({
            regex: regex().describe('Its first group, or else the whole match, is the number.'),
          }),
        ],
        {error: 'expected `number`, `{jsonPath: $.depth}` or `{regex: "depth=([0-9]+)"}`'},
      )
      .default('number')
      .describe('Where the number stands in the standard output. Default `number`: it is all there is.'),
    unit: unit(),
  });

type Written = Pick<z.output<ReturnType<typeof shape>>, 'run' | 'shell'>;

/** What is wrong with how the command is written; undefined when nothing is. */
function wrongRun({run, shell}: Written): string | undefined {
  if ((typeof run === 'string') === shell) return undefined;
  return shell
    ? 'expected one string because `shell` is true; got a list'
    : 'expected a list of arguments; got a string (add `shell: true` to run it by a shell)';
}

const asList = <T extends Written>(given: T): Omit<T, 'run'> & {readonly run: string[]} => ({
  ...given,
  run: typeof given.run === 'string' ? [given.run] : given.run,
});

const checkRun = (
  given: Written,
  context: {addIssue(issue: {code: 'custom'; path: string[]; message: string}): void},
) => {
  const message = wrongRun(given);
  if (message !== undefined) context.addIssue({code: 'custom', path: ['run'], message});
};

export const parameters = () =>
  shape()
    .superRefine(checkRun)
    .transform(asList)
    .describe('Runs a command per read and takes a number from what it prints.');

/** What can list the ids of writes: the lines that a command prints. */
export const listParameters = () =>
  shape()
    .pick({run: true, shell: true, cwd: true, environment: true})
    .superRefine(checkRun)
    .transform(asList)
    .describe('Runs a command; each line that it prints and that is not empty is an entry.');

export type ListParameters = z.output<ReturnType<typeof listParameters>>;

export type Parameters = z.output<ReturnType<typeof parameters>>;

export function unitOf(given: JsonObject): Unit {
  return unitFrom(given['unit']);
}

export function worseOf(_given: JsonObject): 'higher' | 'lower' | 'either' {
  return 'either';
}

export function rangeOf(_given: JsonObject, _timeoutMs: number): ValueRange {
  return ANY;
}
