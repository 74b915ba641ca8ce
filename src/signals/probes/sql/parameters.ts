import * as z from 'zod';
import {duration} from '../../../quantities/schema.js';
import {checkDatabaseUrl, sqlPlace} from '../../stores/sql/fields.js';
import {unit} from '../fields.js';

export {rangeOf, unitOf, worseOf} from '../fields.js';

const MEASURES = ['number', 'latency', 'up'] as const;

const shape = () =>
  z.strictObject({
    ...sqlPlace(),
    query: z
      .string()
      .regex(/\S/, 'expected a statement')
      .optional()
      .describe(
        'One statement. It runs in a read-only transaction that is rolled back. Default with `up` and `latency`: `select 1`.',
      ),
    measure: z
      .enum(MEASURES)
      .default('number')
      .describe(
        '`number`: the first column of the first row. `latency`: of the statement, on a connection that is kept. `up`: 1 when the database takes a new connection and answers the statement on it, 0 otherwise.',
      ),
    unit: unit(),
    statementTimeout: duration({positive: true, max: 300_000})
      .prefault('5s')
      .describe('The server gives the statement up after this long, also when nobody waits for it any more.'),
  });

/** What can list the ids of writes: the first column of the rows of a statement. */
export const listParameters = () =>
  shape()
    .pick({url: true, tls: true})
    .extend({
      query: z
        .string()
        .regex(/\S/, 'expected a statement')
        .describe(
          'One statement that answers with a row for each entry; the first column counts, NULL is left out. It runs in a read-only transaction that is rolled back.',
        ),
      statementTimeout: duration({positive: true, max: 3_600_000})
        .prefault('30s')
        .describe('The server gives the statement up after this long.'),
    })
    .superRefine((given, context) =>
      checkDatabaseUrl(given, (key, message) => context.addIssue({code: 'custom', path: [key], message})),
    )
    .describe('Sends one statement to PostgreSQL, MySQL or MariaDB.');

export type ListParameters = z.output<ReturnType<typeof listParameters>>;

export const parameters = () =>
  shape()
    .superRefine((given, context) => {
      const refuse = (key: string, message: string) => context.addIssue({code: 'custom', path: [key], message});
      checkDatabaseUrl(given, refuse);
      if (given.query === undefined && given.measure === 'number')
        refuse('query', 'expected `query` with `measure: number`; it is missing');
      if (given.unit !== undefined && given.measure !== 'number')
        refuse('unit', `expected \`unit\` only with \`measure: number\`; got \`measure: ${given.measure}\``);
    })
    .transform(given => ({...given, query: given.query ?? 'select 1'}))
    .describe(
      'Sends one statement per read to PostgreSQL, MySQL or MariaDB, over a connection that is kept; for `up` over a new one each time.',
    );

export type Parameters = z.output<ReturnType<typeof parameters>>;
