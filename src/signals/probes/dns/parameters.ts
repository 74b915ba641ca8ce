import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import {showValue} from '../../../quantities/schema.js';
import type {Unit} from '../../../quantities/unit.js';
import {NOT_NEGATIVE, type ValueRange} from '../../../quantities/range.js';
import {rangeOf as rangeOfMeasure} from '../fields.js';

const TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SRV', 'TXT'] as const;
const MEASURES = ['latency', 'up', 'count'] as const;

const SERVER =
  /^(?:\[[0-9A-Fa-f:.]+\](?::(\d{1,5}))?|\d{1,3}(?:\.\d{1,3}){3}(?::(\d{1,5}))?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)$/;

function isServer(text: string): boolean {
  const match = SERVER.exec(text);
  const port = Number(match?.[1] ?? match?.[2] ?? 53);
  return match !== null && port >= 1 && port <= 65535;
}

const shape = () =>
  z.strictObject({
    name: z
      .string()
      .min(1)
      .max(253)
      .regex(/^\S+$/, 'expected a name without blanks')
      .describe('What to ask for: a host name, or for `type: PTR` also an IP address.'),
    type: z.enum(TYPES).default('A').describe('Type of the records.'),
    server: z
      .string()
      .refine(isServer, {
        error: issue =>
          `expected the IP address of a name server such as \`10.0.0.2\`, \`127.0.0.1:5353\` or \`[::1]:53\`; got ${showValue(issue.input)}`,
      })
      .optional()
      .describe('Name server to ask: `IP` or `IP:PORT`. Default: those of this system, one after the other.'),
    measure: z
      .enum(MEASURES)
      .default('latency')
      .describe(
        '`latency`: until the answer is there; missing with the kind of failure (NXDOMAIN, SERVFAIL, REFUSED…) when it is none. `up`: 1 when there are records (and they are the expected `answers`), 0 otherwise. `count`: how many records; 0 when the name has none of the type.',
      ),
    answers: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'The records that must come, all of them and no other, in any order: an address, a name, `10 mail.example.com` (MX), `0 5 5060 sip.example.com` (SRV: priority, weight, port), a text.',
      ),
  });

export const parameters = () =>
  shape()
    .superRefine((given, context) => {
      if (given.answers === undefined || given.measure !== 'count') return;
      const message = 'expected `answers` only with `measure: latency` or `up`; got `measure: count`';
      context.addIssue({code: 'custom', path: ['answers'], message});
    })
    .describe('Asks a name server once per read; the hosts file and search domains play no part.');

export type Parameters = z.output<ReturnType<typeof parameters>>;

export function unitOf(given: JsonObject): Unit {
  switch (given['measure']) {
    case 'latency':
      return 'ms';
    case 'count':
      return 'count';
    default:
      return 'number';
  }
}

export function worseOf(given: JsonObject): 'higher' | 'lower' | 'either' {
  if (given['measure'] === 'count') return 'either';
  return given['measure'] === 'latency' ? 'higher' : 'lower';
}

export function rangeOf(given: JsonObject, timeoutMs: number): ValueRange {
  return given['measure'] === 'count' ? NOT_NEGATIVE : rangeOfMeasure(given, timeoutMs);
}
