import * as z from 'zod';
import {share, showValue} from '../quantities/schema.js';
import {parseAddressBlock, type PacketDirection, type PacketFilter, type PortRange} from '../targets/packets.js';

/** Parameters that choose packets: what all faults on the network of a container have in common. */

const PORTS = '^\\d{1,5}(-\\d{1,5})?$';
/** Letters, digits, `-` and `_` in parts that are joined by dots; engines name services with `_` too. */
const HOST = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;

const expectedPorts = (given: unknown) =>
  `expected a port or a range such as \`8080\` or "8000-8100"; got ${showValue(given)}`;

/** `8080` or `8000-8100`; undefined when it is no port, or a range that runs backwards. */
function parsePorts(given: string | number): PortRange | undefined {
  const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(given)) ?? [];
  if (from === undefined) return undefined;
  const range = [Number(from), Number(to ?? from)] as const;
  return range[0] >= 1 && range[1] <= 65_535 && range[0] <= range[1] ? range : undefined;
}

/** A port, a range or a list of them, normalised to a list of ranges. */
const ports = () => {
  const one = () =>
    z.union([z.int().min(1).max(65_535), z.string().meta({pattern: PORTS})], {
      error: issue => expectedPorts(issue.input),
    });
  return z
    .union([z.int().min(1).max(65_535), z.string().meta({pattern: PORTS}), z.array(one()).min(1)], {
      error: issue => expectedPorts(issue.input),
    })
    .transform((given, context) =>
      (Array.isArray(given) ? given : [given]).flatMap(item => {
        const range = parsePorts(item);
        if (range !== undefined) return [range];
        context.issues.push({code: 'custom', message: expectedPorts(item), input: given});
        return [];
      }),
    );
};

const expectedAddress = (given: unknown) =>
  `expected an address, a block or a host name such as \`10.0.0.7\`, \`10.0.0.0/8\`, \`2001:db8::/32\` or \`inventory\`; got ${showValue(given)}`;

function isAddress(text: string): boolean {
  if (parseAddressBlock(text) !== undefined) return true;
  // `10.0.0` and `10.0.0.256` are slips of the pen, not host names.
  return HOST.test(text) && !/^[\d.]+$/.test(text);
}

/** An address, a block, a host name or a list of them, normalised to a list. */
export const addresses = () => {
  const one = () =>
    z.string({error: issue => expectedAddress(issue.input)}).refine(isAddress, {
      error: issue => expectedAddress(issue.input),
    });
  return z
    .union([one(), z.array(one()).min(1)], {error: issue => expectedAddress(issue.input)})
    .transform(given => (Array.isArray(given) ? given : [given]));
};

/** The fields of the filter, to be spread into a fault's own schema, which then `.check`s `filterCheck`. */
export const filterFields = (options: {direction: PacketDirection; about: string}) => ({
  protocol: z
    .enum(['tcp', 'udp', 'icmp'])
    .optional()
    .describe('Only these packets; `icmp` is ICMP and ICMPv6. Ports without a protocol mean TCP and UDP.'),
  localPort: ports()
    .optional()
    .describe('Only packets from or to these ports of the target: a port, a range such as "8000-8100", or a list.'),
  remotePort: ports().optional().describe('Only packets from or to these ports of whoever the target talks to.'),
  address: addresses()
    .optional()
    .describe('Only packets from or to these: IPv4 or IPv6 addresses, CIDR blocks, host names, or a list.'),
  direction: z.enum(['egress', 'ingress', 'both']).default(options.direction).describe(options.about),
  network: z
    .string()
    .min(1)
    .optional()
    .describe('Only on this network of the target, by name; by default on every interface but the loopback.'),
});

/** What fields alone cannot say: ICMP has no ports. */
export function filterCheck(context: z.core.ParsePayload<Pick<PacketFilter, 'protocol' | 'localPort' | 'remotePort'>>) {
  const {value} = context;
  if (value.protocol !== 'icmp') return;
  for (const field of ['localPort', 'remotePort'] as const) {
    if (value[field] === undefined) continue;
    const message = `expected no \`${field}\` with \`protocol: icmp\`: ICMP has no ports`;
    context.issues.push({code: 'custom', message, path: [field], input: value});
  }
}

/** The filter among a fault's parameters. */
export function filterOf(p: PacketFilter): PacketFilter {
  const {protocol, localPort, remotePort, address, direction, network} = p;
  return {protocol, localPort, remotePort, address, direction, network};
}

/** How much a draw depends on the one before, for faults that hit a share of the packets. */
export const correlation = () =>
  share({max: 1})
    .prefault('0%')
    .describe(
      'How much each draw depends on the one before: 0% is independent. The kernel approximates it: high values lower the share that is really hit.',
    );
