import * as z from 'zod';
import {tlsCheck} from '../../../quantities/http.js';
import {showValue} from '../../../quantities/schema.js';

/** How an experiment says where Redis servers are. Pure: its schema loads it. */

/** With `$` for each reference to a secret. */
const URL_FORM = /^(?:rediss?:\/\/[^\s/]+(?:\/[\d$]*)?|\$.*)$/;
const PASSWORD = /^[^/]*\/\/[^:@/]*:([^@]+)@/;

const url = () =>
  z
    .string()
    .superRefine((text, context) => {
      const refuse = (message: string) => context.addIssue({code: 'custom', message});
      const form = text.replaceAll(/\$\{secret:[^}]+\}/g, () => '$');
      if ((PASSWORD.exec(form)?.[1] ?? '$') !== '$')
        refuse('expected the password of a Redis server as `${secret:env:NAME}`; it stands in the file');
      else if (!URL_FORM.test(form))
        refuse(
          `expected \`redis://HOST:PORT\`, \`rediss://…\` or a \`\${secret:env:NAME}\` that holds one; got ${showValue(text)}`,
        );
    })
    .meta({pattern: '^(rediss?://|\\$\\{)', examples: ['redis://127.0.0.1:6379', '${secret:env:REDIS_URL}']});

/** Where Redis servers are, which of them is asked, and how a connection is encrypted. */
export const redisPlace = () => ({
  url: url()
    .optional()
    .describe(
      'Which server: `redis://HOST:PORT/DATABASE`, with a login `redis://USER:${secret:env:PASSWORD}@…` (`:${secret:…}@` without a user); `rediss://` encrypts.',
    ),
  urls: z
    .array(url())
    .min(1)
    .max(20)
    .optional()
    .describe(
      'Several servers instead, as `url`. They are asked in this order until one answers that is what `ask` wants; one that has not answered for 250 ms does not hold up the next.',
    ),
  ask: z
    .enum(['any', 'primary', 'replica'])
    .default('any')
    .describe(
      'Who is to answer. A server that is another by then is left, and the list is asked anew; nobody who is it counts as a failure of the target.',
    ),
  tls: tlsCheck().optional().describe('Encrypt, and how the certificate of the server is checked.'),
});

export type Refuse = (at: string, message: string) => void;

export function checkRedisUrls(given: {readonly url?: unknown; readonly urls?: unknown}, refuse: Refuse): void {
  if (given.url === undefined && given.urls === undefined) refuse('url', 'expected `url` or `urls`; got neither');
  if (given.url !== undefined && given.urls !== undefined) refuse('urls', 'expected `url` or `urls`; got both');
}
