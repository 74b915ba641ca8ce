import * as z from 'zod';
import {regularExpression} from '../quantities/schema.js';
import type {ProcessChoice} from '../targets/contract.js';

/** Parameters that choose processes inside a target: what the faults on them have in common. */

/** The fields of the choice, to be spread into a fault's own schema, which then `.check`s `choiceCheck`. */
export const choiceFields = () => ({
  match: regularExpression()
    .min(1)
    .optional()
    .describe('Regular expression, searched for in the command line: the arguments joined by blanks.'),
  name: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the program, as `ps` shows it, or the file name of its first argument; exactly.'),
  count: z
    .union([z.int().min(1), z.literal('all')], {error: 'expected a whole number of processes, or `all`'})
    .default('all')
    .transform(count => (count === 'all' ? undefined : count))
    .describe('How many of the processes that match, the oldest first; `all` by default.'),
  includeMain: z
    .boolean()
    .default(false)
    .describe(
      "Whether the target's main process may be hit too: the first process of a container, or the process that was selected.",
    ),
});

/** Exactly one way to choose. */
export function choiceCheck(context: z.core.ParsePayload<{match?: string | undefined; name?: string | undefined}>) {
  const {match, name} = context.value;
  if ((match === undefined) !== (name === undefined)) return;
  const got = match === undefined ? 'got none of them' : 'got both';
  context.issues.push({
    code: 'custom',
    message: `expected one of \`match\` and \`name\`; ${got}`,
    input: context.value,
  });
}

/** The choice as the drafts take it. */
export function choiceOf({match, name, count, includeMain}: ProcessChoice): ProcessChoice {
  return {match, name, count, includeMain};
}
