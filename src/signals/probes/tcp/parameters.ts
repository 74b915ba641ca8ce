import * as z from 'zod';
import {showValue} from '../../../quantities/schema.js';
import type {JsonObject} from '../../../quantities/json.js';
import type {Unit} from '../../../quantities/unit.js';
import {parseAddress} from '../fields.js';

export {rangeOf} from '../fields.js';

const shape = () =>
  z.strictObject({
    address: z
      .string()
      .refine(text => parseAddress(text) !== undefined, {
        error: issue => `expected \`HOST:PORT\` such as \`127.0.0.1:5432\`; got ${showValue(issue.input)}`,
      })
      .optional()
      .describe('Host and port in one: `127.0.0.1:5432`, `[::1]:5432`.'),
    host: z.string().min(1).optional().describe('Where to connect to. Default: `127.0.0.1`.'),
    port: z.int().min(1).max(65535).optional().describe('Port to connect to.'),
    measure: z
      .enum(['up', 'latency'])
      .default('up')
      .describe(
        '`up`: 1 when the connection is accepted, 0 otherwise. `latency`: until it is; missing when it is not.',
      ),
  });

export const parameters = () =>
  shape()
    .superRefine((given, context) => {
      const refuse = (key: string, message: string) => context.addIssue({code: 'custom', path: [key], message});
      if (given.address === undefined && given.port === undefined)
        refuse('address', 'expected `address` or `port`; got neither');
      for (const key of ['host', 'port'] as const)
        if (given.address !== undefined && given[key] !== undefined)
          refuse(key, `expected \`address\` or \`${key}\`; got both`);
    })
    .transform(({address, host, port, measure}) => ({
      ...((address === undefined ? undefined : parseAddress(address)) ?? {host: host ?? '127.0.0.1', port: port ?? 0}),
      measure,
    }))
    .describe('Opens one TCP connection per read and closes it again.');

export type Parameters = z.output<ReturnType<typeof parameters>>;

export function unitOf(given: JsonObject): Unit {
  return given['measure'] === 'latency' ? 'ms' : 'number';
}

export function worseOf(given: JsonObject): 'higher' | 'lower' | 'either' {
  return given['measure'] === 'latency' ? 'higher' : 'lower';
}
