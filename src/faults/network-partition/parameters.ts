import * as z from 'zod';
import type {JsonObject} from '../../quantities/json.js';
import {filterCheck, filterFields} from '../packets.js';

export const connectionParameters = () =>
  z.strictObject({}).describe('Cut the target off: existing connections are cut, new ones are refused.');

const target = () => z.string().min(1);

/** The filter that all faults on packets share, but for what it calls the other side. */
const fields = () => {
  const {address, ...rest} = filterFields({
    direction: 'both',
    about:
      '`both` cuts the target off; `egress` loses only what it sends, `ingress` only what reaches it: a partition in one direction.',
  });
  return {
    ...rest,
    hosts: address.describe(
      'Cut it off from these: container names, compose services, host names (resolved as the target does, again while the fault holds), IPv4 or IPv6 addresses, CIDR blocks, or a list.',
    ),
  };
};

export const containerParameters = () =>
  z
    .strictObject({
      from: z
        .union([target().transform(name => [name]), z.array(target()).min(1)])
        .optional()
        .describe('Cut it off from these targets of the file, by name, wherever they are while the fault holds.'),
      between: z
        .array(z.array(target()).min(1))
        .min(2)
        .optional()
        .describe(
          'Groups of targets of the file: inside a group all talk, across groups nobody. Each of them has to be a target of the fault; one that is in several groups talks to all of these.',
        ),
      ...fields(),
      action: z
        .enum(['drop', 'reject'])
        .default('drop')
        .describe(
          '`drop` loses the packets, so that both sides wait for their time-outs; `reject` answers them as if nobody were there, so that they fail at once.',
        ),
    })
    .check(filterCheck)
    .refine(p => p.between === undefined || (p.from === undefined && p.hosts === undefined), {
      path: ['between'],
      error: 'expected `between`, or `from` and `hosts`; got both',
    })
    .describe(
      'Cut the container off from targets, hosts or everyone, by packet filters in its network namespace. All conditions must hold for a packet to be cut; the loopback is never touched. Without parameters it is cut off from everyone.',
    );

/** Names of targets among the parameters, for the check of references when the file is read. */
export const targetsNamed = ({from, between}: JsonObject) => {
  const names = (list: unknown) => (Array.isArray(list) ? list : []) as readonly string[];
  return [
    ...names(from).map((name, nth) => ({path: ['from', nth], name})),
    ...(Array.isArray(between) ? between : []).flatMap((group, g) =>
      names(group).map((name, nth) => ({path: ['between', g, nth], name, hit: true})),
    ),
  ];
};
