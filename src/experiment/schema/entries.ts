import * as z from 'zod';
import {TOLERANCE_TIMES} from '../experiment.js';
import {regularExpression, share, showValue} from '../../quantities/schema.js';
import {checkForms, command, commandFields, commandOf} from '../../quantities/command.js';
import {deviation} from './design.js';
import {alertFields} from './alerts.js';
import {argv, faultName, lasting, name, waiting} from './fields.js';

const EDGES = ['starts', 'confirmed', 'ends'] as const;

const seed = () => z.int().min(0).optional().describe('Seed of the draw; chosen and recorded when it is not given.');

export const targetFields = () => ({
  where: z
    .strictObject({
      command: argv().describe('Run inside every candidate; reads only.'),
      matches: regularExpression().describe('Keep the candidates whose answer matches this regular expression.'),
    })
    .optional()
    .describe('Keep only the candidates that answer so; asked again right before each injection, which hits whoever answers so then.'),
  select: z
    .union([
      z.literal('all'),
      z.strictObject({count: z.int().min(1).max(10_000).describe('How many.'), seed: seed()}),
      z.strictObject({percent: share({positive: true}).describe('Rounded down, at least one.'), seed: seed()}),
    ])
    .optional()
    .describe(
      'Which of several candidates to hit: `all`, `{count: 2}` or `{percent: 50%}`, drawn among those that can take the faults. Without it there must be one.',
    ),
});

/** A bound in the metric's own unit: a plain number or a quantity. Read when the unit is known. */
const bound = () =>
  z.union([z.number(), z.string()], {error: issue => `expected a quantity in the metric's unit; got ${showValue(issue.input)}`});

/** Bounds of a number, in the unit of what is measured. */
const bounds = () => ({
  below: bound().optional().describe("Less than this, in the metric's unit."),
  above: bound().optional().describe('More than this.'),
  equals: bound().optional().describe('Exactly this.'),
  atLeast: bound().optional().describe('This or more.'),
  atMost: bound().optional().describe('This or less.'),
  between: z
    .tuple([bound(), bound()], {error: issue => `expected two bounds, as in \`[40%, 60%]\`; got ${showValue(issue.input)}`})
    .optional()
    .describe('From the first to the second, both included: `[40%, 60%]`.'),
});

const hasBound = (written: Readonly<Record<string, unknown>>) =>
  Object.keys(bounds()).some(key => written[key] !== undefined);

const NO_BOUND = {error: 'expected `below`, `above`, `equals`, `atLeast`, `atMost` or `between`; got none of them'};

export const metricFields = () => ({
  tolerance: z
    .strictObject({
      ...bounds(),
      settlesWithin: waiting().prefault('0s').describe('Not judged until this long after each fault is in force.'),
      during: z
        .array(z.enum(TOLERANCE_TIMES))
        .min(1)
        .optional()
        .describe(
          'When the metric must keep to it. Default: always. `[fault]`: what is true only while a fault is in force, such as a stand-by that was promoted.',
        ),
    })
    .refine(hasBound, NO_BOUND)
    .optional()
    .describe('What the metric must keep to.'),
  deviation: deviation(),
  judge: z
    .array(z.enum(['fault', 'recovery']))
    .optional()
    .describe('When the metric decides. Default: `[fault, recovery]`; `[]` only observes.'),
});

/** What every probe's block may hold beside the probe's own parameters. */
export const samplingFields = () => ({
  every: lasting().optional().describe('How often to read; default `1s`.'),
  timeout: lasting().optional().describe('When a read without an answer counts as missing; default: `every`, at least `2s`.'),
});

/** What the block of a check may hold beside the probe's own parameters. */
export const readOnceFields = () => ({timeout: samplingFields().timeout});

/** What depends on how another fault went follows its end, also where that is not said. */
const isOneEdge = (value: Readonly<Partial<Record<(typeof EDGES)[number] | 'if', unknown>>>) => {
  const edges = EDGES.filter(edge => value[edge] !== undefined).length;
  return edges === 1 || (edges === 0 && value.if !== undefined);
};

const after = () =>
  z.union(
    [
      waiting(),
      z
        .strictObject({
          fault: z.string().describe('Name of the other fault.'),
          starts: waiting().optional().describe('This long after the first occurrence of the other is requested.'),
          confirmed: waiting().optional().describe('This long after its first occurrence is in force.'),
          ends: waiting().optional().describe('This long after its last occurrence is undone.'),
          if: z
            .enum(['held', 'deviated'])
            .optional()
            .describe('Only if the other held (or deviated) while it was in force; else this fault is not injected.'),
        })
        .refine(value => isOneEdge(value), {
          error: 'expected exactly one of `starts`, `confirmed`, `ends`',
        })
        .refine(value => value.if === undefined || (value.starts ?? value.confirmed) === undefined, {
          error: 'expected `ends` beside `if`: what the other did is known once it has ended',
        }),
    ],
    {error: issue => `expected a duration or \`{fault: NAME, ends: 10s}\`; got ${showValue(issue.input)}`},
  );

/** Who brings a target back after a fault that happens once. */
const heal = () =>
  z.union(
    [
      z.enum(['platform', 'undo', 'leave']),
      z
        .strictObject({
          run: command().describe(
            'Brings the target back at the end of the fault, whoever ends the run. It must bear being run again, and on a target that still lives.',
          ),
          proof: command()
            .optional()
            .describe('Answers with exit code 0 once the target has come back as it should, and with 1 while it has not. Reads only.'),
          ...commandFields(' FIREDRILL_TARGET_NAME and FIREDRILL_TARGET_ID are always set.'),
        })
        .superRefine((given, context) => {
          checkForms(['run', 'proof'], given, issue => {
            context.addIssue(issue);
          });
        })
        .transform(given => ({
          run: commandOf(given.run, given),
          ...(given.proof === undefined ? {} : {proof: commandOf(given.proof, given)}),
        })),
    ],
    {error: issue => `expected \`platform\`, \`undo\`, \`leave\` or \`{run: [COMMAND]}\`; got ${showValue(issue.input)}`},
  );

export const faultFields = () => ({
  name: faultName().describe('Name of the fault in plan, timeline and report.'),
  targets: z.array(z.string()).default([]).describe('Names of targets of this file.'),
  for: lasting().optional().describe('How long it holds. Of a fault that happens once: how long its effect is watched. Not beside `design: {switchback: …}`.'),
  after: after().optional().describe('When it starts: after the end of the baseline, or after an edge of another fault.'),
  steps: z
    .looseObject({stopOn: z.literal('deviation').optional().describe('Do not go on to the next step after a deviation.')})
    .optional()
    .describe('Values of a parameter, one step after the other; each lasts `for`.'),
  repeat: z
    .strictObject({
      every: lasting().describe('From start to start.'),
      times: z.int().min(2).max(1000).describe('How often in all.'),
      targets: z.enum(['same', 'redraw']).default('same').describe('`redraw`: draw other targets for each repeat.'),
    })
    .optional()
    .describe('Inject it again and again.'),
  heal: heal()
    .optional()
    .describe(
      'What becomes of a target after a fault that happens once: `platform` or `undo` (who restarts it; default: the platform where it does that), `leave` (it stays dead after the run), or `{ run: … }`: your own command brings it back, once for each target.',
    ),
  keep: z.boolean().optional().describe('Apply it again when the target loses it by a restart.'),
});

export const guardFields = () => ({
  metric: z.string().optional().describe('Name of a metric of this file.'),
  above: bound().optional().describe("Stop when the metric is above this, in the metric's unit."),
  below: bound().optional().describe('Stop when the metric is below this.'),
  for: waiting().prefault('0s').describe('Only when it lasts this long.'),
  alert: alertFields().alert.optional().describe('Or: name of an alerting rule. The run stops as soon as it fires.'),
  from: alertFields().from.optional().describe('Beside `alert`: name of an entry of `sources` with a `prometheus` address.'),
  labels: alertFields().labels.optional().describe('Beside `alert`: only what has these labels too.'),
});

const comparison = () => z.strictObject(bounds()).refine(hasBound, NO_BOUND).optional();

export const checkFields = () => ({
  name: name().describe('What is checked.'),
  value: comparison().describe('What the number must be after the recovery. May be `${load:NAME.accepted}`.'),
  change: comparison().describe('What (after − before) must be. May be `${load:NAME.accepted}`.'),
});
