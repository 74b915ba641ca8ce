import * as z from 'zod';
import {duration, share, showValue} from '../../quantities/schema.js';
import {lasting, waiting} from './fields.js';

const QUARTER_MS = 92 * 86_400_000;

/** C(8, 4) = 70 orders cannot show anything at 1 %, C(10, 5) = 252 can. */
const LEAST_BLOCKS = 10;

const switchback = () =>
  z.strictObject({
    switchback: z
      .strictObject({
        blocks: z.int().min(LEAST_BLOCKS).max(200).describe('How many blocks in all; the fault is on in half of them.'),
        block: lasting().describe('How long each block lasts.'),
        washout: waiting().prefault('0s').describe('What is left out at the start of each block, where the one before still shows.'),
      })
      .describe('On and off blocks in a random order.'),
  });

/** How baseline and fault are compared. */
export const design = () =>
  z
    .union([z.literal('before-after'), switchback()], {
      error: issue => `expected \`before-after\` or \`{switchback: {blocks: 12, block: 10s}}\`; got ${showValue(issue.input)}`,
    })
    .default('before-after')
    .describe('How the time with the fault is compared with the time without: `before-after`, or `switchback`: on and off in random order.');

export const control = () =>
  z
    .strictObject({
      targets: z.array(z.string()).min(1).describe('Names of targets of this file that no fault hits.'),
      metrics: z
        .record(z.string(), z.string())
        .default({})
        .describe('For metrics that do not name a target: the metric of this file that measures the same on the control.'),
    })
    .optional()
    .describe('Compares with targets that are not hit: what moves both alike does not count.');

export const objective = () =>
  z
    .strictObject({
      of: z.string().describe('Name of a metric that is a share of bad events.'),
      target: share({positive: true})
        .refine(value => value < 1, {error: 'expected a promise below 100%: there would be no error budget'})
        .describe('Share of good events that is promised: `99.9%`.'),
      window: duration({positive: true, max: QUARTER_MS}).describe('The time that the promise is for: `30d`.'),
    })
    .optional()
    .describe('A service level objective: the report tells how much of its error budget this run burnt.');

/** How much a metric may change. What it is in is known once the metric is. */
const change = () =>
  z.union([z.number(), z.string()], {error: issue => `expected a share such as \`20%\`, or a difference in the metric's unit; got ${showValue(issue.input)}`});

/** The allowed change of a metric against its own baseline. */
export const deviation = () =>
  z
    .strictObject({
      worse: z.enum(['higher', 'lower', 'either']).optional().describe('The bad direction; by default that of the metric.'),
      by: change().describe(
        "Allowed change: relative to the baseline (`20%`), or in the metric's unit (`20ms`, `5`); for shares (errors) a difference: `1%` is one of a hundred requests more.",
      ),
      critical: change().optional().describe('Change from which it is a failure, in the same terms; default: five times `by`.'),
    })
    .optional()
    .describe('Allowed change against the baseline. It decides where there is no tolerance, and is reported always.');
