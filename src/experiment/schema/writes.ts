import * as z from 'zod';
import {listParameters as commandList} from '../../signals/probes/command/parameters.js';
import {listParameters as redisList} from '../../signals/probes/redis/parameters.js';
import {listParameters as sqlList} from '../../signals/probes/sql/parameters.js';
import {LIST_KINDS} from '../../signals/writes/spec.js';
import {duration, showValue} from '../../quantities/schema.js';
import {lasting, name} from './fields.js';
import {listedId} from './request.js';

/** Bounds of a number of writes. */
const writesBounds = () =>
  z
    .strictObject({
      equals: z.int().min(0).optional().describe('Exactly so many.'),
      below: z.int().min(1).optional().describe('Fewer.'),
      above: z.int().min(0).optional().describe('More.'),
      atLeast: z.int().min(0).optional().describe('So many or more.'),
      atMost: z.int().min(0).optional().describe('So many or fewer.'),
      between: z
        .tuple([z.int().min(0), z.int().min(0)], {
          error: issue => `expected two numbers of writes, as in \`[0, 20]\`; got ${showValue(issue.input)}`,
        })
        .optional()
        .describe('From the first to the second, both included.'),
    })
    .refine(written => Object.values(written).some(bound => bound !== undefined), {
      error: 'expected `equals`, `atMost`, `below`, `above`, `atLeast` or `between`; got none of them',
    });

const ONE_STORE = 'expected exactly one of `command`, `redis` and `sql`: what lists the ids of what is stored';

const stored = () =>
  z
    .strictObject({
      command: commandList().optional().describe('Each line that a command prints is an entry; empty ones are left out.'),
      redis: redisList().optional().describe('What a key of Redis holds, or which keys there are.'),
      sql: sqlList().optional().describe('The first column of each row is an entry.'),
      id: listedId().optional().describe('Where the id stands in an entry. Default: all of it, without the space around it.'),
      timeout: lasting().prefault('30s').describe('When a list that has not come counts as missing.'),
      again: duration({positive: true, max: 60_000})
        .prefault('2s')
        .describe(
          'Where a write seems lost, or a request without a good answer may still be carried out, the list is read again after this time, until two in a row agree (at most six times).',
        ),
    })
    .refine(given => LIST_KINDS.filter(kind => given[kind] !== undefined).length === 1, {error: ONE_STORE});

/** One entry of `expect.writes`. */
export const writesCheck = () =>
  z.strictObject({
    name: name().describe('What is checked, as the report calls it: `every acknowledged order is there`.'),
    load: z.string().describe('The load that writes. Its request says with `id` where a good answer names the write.'),
    request: z.string().optional().describe('Of a load with scenarios: the request that writes. Default: the only one with an `id`.'),
    stored: stored().describe('What lists the ids of what is stored: read before the load begins, and again after the recovery, once all its requests have ended.'),
    lost: writesBounds().optional().describe('How many acknowledged writes may be missing at the end. Default: `{equals: 0}`.'),
    doubled: writesBounds().optional().describe('How many writes may be stored more than once. Default: only told.'),
    unacknowledged: writesBounds()
      .optional()
      .describe('How many writes may be stored although their request failed or timed out. Default: only told.'),
  });

export type WrittenWrites = z.output<ReturnType<typeof writesCheck>>;
