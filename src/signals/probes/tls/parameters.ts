import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import {isPaired, PAIRED, pemFiles} from '../../../quantities/http.js';
import {showValue} from '../../../quantities/schema.js';
import type {Unit} from '../../../quantities/unit.js';
import {parseAddress} from '../fields.js';

export {rangeOf} from '../fields.js';

export const parameters = () =>
  z
    .strictObject({
      address: z
        .string()
        .refine(text => parseAddress(text) !== undefined, {
          error: issue => `expected \`HOST:PORT\` such as \`shop.example.com:443\`; got ${showValue(issue.input)}`,
        })
        .describe('Where to connect to: `shop.example.com:443`, `127.0.0.1:8443`, `[::1]:8443`.'),
      serverName: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Host name that is asked for (SNI) and that the certificate must be for. Default: that of `address`.',
        ),
      ca: pemFiles.ca(),
      cert: pemFiles.cert(),
      key: pemFiles.key(),
      measure: z
        .enum(['expiry', 'up', 'latency'])
        .default('expiry')
        .describe(
          '`expiry`: until the certificate of the server ends (below zero once it has), whoever signed it. `up`: 1 when the handshake succeeds and the certificate is valid, trusted and for this host, 0 otherwise. `latency`: of the handshake alone; missing where `up` is 0.',
        ),
    })
    .refine(isPaired, PAIRED)
    .transform(({address, ...rest}) => ({...rest, ...(parseAddress(address) ?? {host: '', port: 0})}))
    .describe('Opens one TLS connection per read and closes it again.');

export type Parameters = z.output<ReturnType<typeof parameters>>;

export function unitOf(given: JsonObject): Unit {
  return given['measure'] === 'up' ? 'number' : 'ms';
}

export function worseOf(given: JsonObject): 'higher' | 'lower' | 'either' {
  return given['measure'] === 'latency' ? 'higher' : 'lower';
}
