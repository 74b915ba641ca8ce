import * as z from 'zod';
import {duration} from '../../../quantities/schema.js';
import {patternProblem} from '../../../quantities/pattern.js';

const port = () => z.int().min(1).max(65535);

const ready = () =>
  z.union([z.strictObject({tcp: port()}), z.strictObject({http: z.url({protocol: /^https?$/})})], {
    error: 'expected `{tcp: PORT}` or `{http: URL}`',
  });

/** The pattern between `^` and `$`, or what is wrong with it. */
export function anchored(
  pattern: string,
): {readonly inner: string} | {readonly problem: string; readonly hint?: string | undefined} {
  const escapedEnd = /(?:^|[^\\])(?:\\\\)*\\\$$/.test(pattern);
  if (!pattern.startsWith('^') || !pattern.endsWith('$') || escapedEnd)
    return {problem: `expected a pattern anchored at both ends, such as \`^node server\\.js$\`; got \`${pattern}\``};
  const inner = pattern.slice(1, -1);
  const problem = patternProblem(inner);
  if (problem === undefined) return {inner};
  return {problem: `expected a regular expression; got \`${pattern}\`: ${problem.why}`, hint: problem.hint};
}

const WAYS = ['start', 'pidFile', 'port', 'name'] as const;

const shape = () =>
  z.strictObject({
    start: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        'Command that Firedrill starts before the run and stops after it; beside `pidFile` or `port`: how to start the process again.',
      ),
    pidFile: z.string().min(1).optional().describe('File that holds the pid.'),
    port: port()
      .optional()
      .describe(
        'TCP port on which the process listens; a published port of a container is refused with the name of the container.',
      ),
    name: z
      .string()
      .min(1)
      .optional()
      .describe('Regular expression for the whole command line or the process name, anchored with ^ and $.'),
    cwd: z.string().min(1).optional().describe('Folder in which the command is started.'),
    environment: z.record(z.string(), z.string()).optional().describe('Variables for the started command.'),
    ready: ready().optional().describe('When the started process counts as ready.'),
    readyWithin: duration({positive: true}).prefault('15s').describe('How long the start may take.'),
    supervised: z.boolean().default(false).describe('A supervisor (systemd, pm2) restarts the process when it dies.'),
  });

type WrittenSelector = z.output<ReturnType<typeof shape>>;

/** How the process is found: exactly one way. `start` beside a pid file or a port only says how to start it again. */
function check(given: WrittenSelector, context: z.RefinementCtx): void {
  const ways = WAYS.filter(way => given[way] !== undefined);
  const found = ways.filter(way => way !== 'start');
  if (ways.length === 0)
    context.addIssue({code: 'custom', message: 'expected one of `start`, `pidFile`, `port`, `name`; got none of them'});
  if (found.length > 1)
    context.addIssue({
      code: 'custom',
      path: [found[1] ?? 'name'],
      message: `expected one of \`pidFile\`, \`port\`, \`name\`; got ${found.map(way => `\`${way}\``).join(' and ')}`,
    });
  if (given.name !== undefined) {
    const answer = anchored(given.name);
    if ('problem' in answer) {
      const {problem, hint} = answer;
      context.addIssue({code: 'custom', path: ['name'], message: problem, params: {hint}});
    }
    for (const key of ['start', 'supervised'] as const)
      if (given[key] !== undefined && given[key] !== false)
        context.addIssue({
          code: 'custom',
          path: [key],
          message: `expected no \`${key}\` beside \`name\`: a pattern does not tell which process replaces which; use \`pidFile\` or \`port\``,
        });
  }
  for (const key of ['cwd', 'environment', 'ready'] as const)
    if (given[key] !== undefined && given.start === undefined)
      context.addIssue({code: 'custom', path: [key], message: `expected \`start\` beside \`${key}\``});
}

/** Normalised: as written, with `readyWithin` as `readyWithinMs`. */
export const selector = () =>
  shape()
    .superRefine(check)
    .transform(({readyWithin, ...given}) => ({...given, readyWithinMs: readyWithin}))
    .describe('A process on this machine: one that Firedrill starts, or one found by pid file, port or name.');
