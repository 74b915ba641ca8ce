import * as z from 'zod';
import {duration, rate, showValue} from '../../quantities/schema.js';
import {LOAD_MEASURES} from '../../signals/load/spec.js';
import {built} from './built.js';
import {lasting, name, waiting} from './fields.js';
import {httpRequest} from './request.js';
import {redisRequest, sqlRequest} from './stores.js';

const MOST_PER_SECOND = 1_000_000;

const stage = () =>
  z
    .strictObject({
      to: rate({max: MOST_PER_SECOND}).optional().describe('The rate at the end of the stage. Default: as it was.'),
      over: lasting().optional().describe('How long the rate takes to get there, in a straight line. Default: at once.'),
      hold: lasting().optional().describe('How long it stays there.'),
    })
    .refine(({to, over}) => over === undefined || to !== undefined, {error: 'expected `to` beside `over`: the rate to go to; got none', path: ['over']})
    .refine(({over, hold}) => over !== undefined || hold !== undefined, {error: 'expected `over`, `hold` or both: how long the stage lasts; got neither'});

const thinkTime = () =>
  z.union([duration({max: 3_600_000}), z.strictObject({from: waiting(), to: lasting()}).refine(({from, to}) => from <= to, {error: 'expected `from` not to be more than `to`', path: ['from']})], {
    error: issue => `expected a duration such as \`500ms\` or a range such as \`{from: 200ms, to: 1s}\`; got ${showValue(issue.input)}`,
  });

const step = () =>
  z.union([
    z.strictObject({
      request: name().describe('What metrics call this request.'),
      http: built(httpRequest).describe('The request: a URL, or its parts as in `load.*.http`.'),
    }),
    z.strictObject({think: thinkTime().describe('A pause: `500ms`, or drawn evenly `{from: 200ms, to: 1s}`.')}),
  ]);

const scenario = () =>
  z.strictObject({
    weight: z.number().positive().max(1e6).default(1).describe('How often it is drawn, against the others.'),
    cookies: z
      .boolean()
      .default(false)
      .describe('`true`: each user keeps the cookies that answers give, and sends them with the requests that follow.'),
    steps: z
      .array(step())
      .min(1)
      .max(100)
      .refine(steps => steps.some(one => 'http' in one), {error: 'expected at least one step with a `request`; got none'})
      .describe('Requests and pauses, one after the other. A request that does not end well is the last.'),
  });

const csv = () =>
  z.union(
    [
      z.string().min(1).transform(file => ({file, order: 'sequential' as const})),
      z.strictObject({
        file: z.string().min(1).describe('Path, relative to this file.'),
        order: z
          .enum(['sequential', 'random'])
          .default('sequential')
          .describe('`sequential`: users get the rows one after the other, and after the last the first again; `random`: each gets one that is drawn.'),
      }),
    ],
    {error: issue => `expected a path such as \`customers.csv\` or \`{file: customers.csv, order: random}\`; got ${showValue(issue.input)}`},
  );

export const loadFields = () => ({
  http: built(httpRequest).optional().describe('The request to send again and again: a URL, or its parts.'),
  sql: built(sqlRequest).optional().describe('Instead of `http`: a statement for PostgreSQL, MySQL or MariaDB.'),
  redis: built(redisRequest).optional().describe('Instead of `http`: a command for Redis.'),
  scenarios: z
    .record(name(), scenario())
    .refine(all => Object.keys(all).length > 0, {error: 'expected at least one scenario; got none'})
    .optional()
    .describe('Instead of `http`: what users do, by name. Each time one of them is drawn by weight and started.'),
  rate: rate({max: MOST_PER_SECOND})
    .optional()
    .describe('Requests (or starts of scenarios) per second, sent on time whatever the answers do. Required without `stages`; with them it is the rate at the start, by default zero.'),
  stages: z
    .array(stage())
    .min(1)
    .max(1000)
    .optional()
    .describe('How the rate changes: ramps (`{to: 200/s, over: 30s}`), steps (`{to: 200/s, hold: 1m}`), pauses. Afterwards it stays as it is.'),
  repeat: z.boolean().default(false).describe('After the last stage the first comes again.'),
  arrivals: z
    .enum(['uniform', 'poisson'])
    .default('uniform')
    .describe('`uniform`: evenly spaced; `poisson`: at random, as many users who know nothing of each other would.'),
  seed: z.int().min(0).max(0xffff_ffff).optional().describe('Of all that is drawn: arrivals, scenarios, think times, rows, `${pick:…}`. Default: 1, so that runs are alike.'),
  csv: built(csv).optional().describe('A file with a header and one row for each user, for `${csv:COLUMN}`: its path, relative to this file, or `{file: …, order: random}`. At most 10 MiB and 100 000 rows, UTF-8.'),
  timeout: lasting().prefault('10s').describe('When a request without an answer counts as failed.'),
  maxInFlight: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe('Most requests in flight. What cannot be sent because of it is counted.'),
});

/** The parameters of the metric source `load`. */
export const loadMetric = () =>
  z
    .strictObject({
      of: z.string().describe('Name of a load of this file.'),
      request: z.string().optional().describe('Name of a request of its scenarios. Default: all of them together.'),
      measure: z.enum(LOAD_MEASURES).describe('What to read from it.'),
    })
    .describe('A measure of the traffic that this experiment sends.');
