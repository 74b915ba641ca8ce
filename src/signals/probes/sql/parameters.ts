import * as z from 'zod';
import {tlsCheck} from '../../../quantities/http.js';
import {duration, showValue} from '../../../quantities/schema.js';
import {FiredrillError} from '../../../system/error.js';
import {unit} from '../fields.js';
import {parseDatabaseUrl} from './address.js';

export {rangeOf, unitOf, worseOf} from '../fields.js';

const MEASURES = ['number', 'latency', 'up'] as const;

/**
 * What is wrong with a URL beyond its form, as far as it can be told while its secrets are not known: one in the login
 * stands for any text.
 */
function problemOf(url: string): string | undefined {
  const login = url.lastIndexOf('@') + 1;
  const known = url.slice(0, login).replaceAll(/\$\{secret:[^}]+\}/g, 'x') + url.slice(login);
  if (known.includes('${')) return undefined;
  try {
    parseDatabaseUrl(known);
    return undefined;
  } catch (error) {
    return error instanceof FiredrillError ? error.message : undefined;
  }
}

function isDatabaseUrl(text: string): boolean {
  return text.startsWith('${secret:') || /^(?:postgres|postgresql|mysql|mariadb):\/\/\S+$/.test(text);
}

const shape = () =>
  z.strictObject({
    url: z
      .string()
      .refine(isDatabaseUrl, {
        error: issue =>
          `expected \`postgres://USER@HOST/DATABASE\`, \`mysql://…\` or a \`\${secret:env:NAME}\` that holds one; got ${showValue(issue.input)}`,
      })
      .meta({pattern: '^((postgres|postgresql|mysql|mariadb)://|\\$\\{)', examples: ['${secret:env:DB_URL}']})
      .describe(
        'Which database: `postgres://USER:PASSWORD@HOST:PORT/DATABASE` or `mysql://…` (also for MariaDB). Keep the password out of the file: `${secret:env:DB_URL}`, or `${secret:…}` inside. `?sslmode=require` (or `verify-full`) encrypts; a unix socket is `?host=/run/postgresql` or `?socket=/run/mysqld/mysqld.sock`. Several servers: `postgres://USER@A:5432,B:5433/DATABASE?target_session_attrs=primary` asks the first that is it (`any`, `read-write`, `read-only`, `primary`, `standby`, `prefer-standby`, as libpq has it), and the next ones when it no longer is; one that has not answered for 250 ms does not hold up the next. Nobody who is it counts as a failure of the target.',
      ),
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
    tls: tlsCheck().optional().describe('Encrypt, and how the certificate of the server is checked.'),
  });

/** A URL in which something beyond its form is wrong is refused at its place. */
function checkUrl(given: {readonly url: string}, refuse: (key: string, message: string) => void): void {
  const problem = isDatabaseUrl(given.url) ? problemOf(given.url) : undefined;
  if (problem !== undefined) refuse('url', problem);
}

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
      checkUrl(given, (key, message) => context.addIssue({code: 'custom', path: [key], message})),
    )
    .describe('Sends one statement to PostgreSQL, MySQL or MariaDB.');

export const parameters = () =>
  shape()
    .superRefine((given, context) => {
      const refuse = (key: string, message: string) => context.addIssue({code: 'custom', path: [key], message});
      checkUrl(given, refuse);
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
