import * as z from 'zod';
import {tlsCheck} from '../../../quantities/http.js';
import {showValue} from '../../../quantities/schema.js';
import {FiredrillError} from '../../../system/error.js';
import {parseDatabaseUrl} from './address.js';

/** How an experiment says where databases are. Pure: its schema loads it. */

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

/** Where databases are and how a connection is encrypted. */
export const sqlPlace = () => ({
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
  tls: tlsCheck().optional().describe('Encrypt, and how the certificate of the server is checked.'),
});

/** A URL in which something beyond its form is wrong is refused at its place. */
export function checkDatabaseUrl(given: {readonly url: string}, refuse: (key: string, message: string) => void): void {
  const problem = isDatabaseUrl(given.url) ? problemOf(given.url) : undefined;
  if (problem !== undefined) refuse('url', problem);
}
