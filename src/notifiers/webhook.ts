import {createHmac} from 'node:crypto';
import * as z from 'zod';
import {httpUrl} from '../quantities/http.js';
import {notifierKind, type Notice} from './contract.js';
import {headers, JSON_TYPE, moments, revealed, secretText} from './fields.js';

const parameters = () =>
  z.strictObject({
    url: httpUrl().describe('Where notices are sent.'),
    secret: secretText('FIREDRILL_WEBHOOK_SECRET')
      .optional()
      .describe('Signs each request after Standard Webhooks; base64 behind `whsec_`, or any text.'),
    headers: headers(),
    on: moments(['started', 'injected', 'undone', 'owed', 'ended']),
  });

const PREFIX = 'whsec_';
const keyOf = (secret: string) =>
  secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);

function bodyOf({outcome, ...notice}: Notice): string {
  const told = outcome && {verdict: outcome.verdict, exit: outcome.exit, means: outcome.means};
  return JSON.stringify({version: 1, ...notice, ...(told === undefined ? {} : {outcome: told})});
}

/**
 * Notices as JSON, signed after Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
export const webhook = notifierKind(
  'Each notice as JSON by POST, signed where a secret is given.',
  parameters,
  ({url, secret, headers: own, on}, reveal) => {
    const address = reveal(url);
    const key = secret === undefined ? undefined : keyOf(reveal(secret));
    const head = {...JSON_TYPE, ...revealed(own, reveal)};
    let sent = 0;
    return {
      message: notice => {
        if (!on.includes(notice.moment)) return undefined;
        const body = bodyOf(notice);
        // The same for every attempt, so that a receiver can leave out what it has already.
        const id = `${notice.run}-${++sent}`;
        const timestamp = String(Math.floor(Date.parse(notice.at) / 1000));
        const signature =
          key === undefined
            ? {}
            : {
                'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
              };
        const standard = {'webhook-id': id, 'webhook-timestamp': timestamp, ...signature};
        return {method: 'POST', url: address, headers: {...head, ...standard}, body};
      },
    };
  },
);
