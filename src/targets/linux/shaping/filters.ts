import {formatPorts, type AddressBlock, type PacketFilter, type PortRange, type PacketWay} from '../../packets.js';

/** What one classifier matches: packets of this family that carry all of these keys. */
export interface PacketMatch {
  readonly family: 'ip' | 'ipv6';
  /** Words for tc-flower(8). */
  readonly keys: string;
}

/** Beyond this the kernel's search through them would be a fault of its own. */
export const MOST_MATCHES = 256;

/**
 * The ICMPv6 that `protocol: icmp` means: errors (types 0 to 127) and echo (128, 129). Neighbour and router discovery
 * and group membership are what ARP and IGMP do for IPv4: without them there is no network to have a fault.
 */
const ICMPV6 = ['ip_proto icmpv6 type 0/128', 'ip_proto icmpv6 type 128/254'];

/** The `ip_proto` keys of a family; '' names no protocol. */
function protocolKeys(filter: PacketFilter, family: 4 | 6): readonly string[] {
  switch (filter.protocol) {
    case 'tcp':
    case 'udp':
      return [`ip_proto ${filter.protocol}`];
    case 'icmp':
      return family === 4 ? ['ip_proto icmp'] : ICMPV6;
    case undefined: {
      const hasPorts = filter.localPort !== undefined || filter.remotePort !== undefined;
      return hasPorts ? ['ip_proto tcp', 'ip_proto udp'] : [''];
    }
  }
}

/** Ranges without overlap: fewer matches for the same ports. */
function merged(ranges: readonly PortRange[]): readonly PortRange[] {
  const joined: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

function portKeys(word: string, ranges: readonly PortRange[] | undefined): readonly string[] {
  return ranges === undefined ? [''] : merged(ranges).map(range => `${word} ${formatPorts([range])}`);
}

/** Every way to take one of each, joined; '' adds nothing. */
function combinations(choices: readonly (readonly string[])[]): readonly string[] {
  return choices.reduce<readonly string[]>(
    (keys, choice) => keys.flatMap(key => choice.map(one => `${key} ${one}`.trim())),
    [''],
  );
}

/**
 * One match for each combination of the alternatives of the filter, so that all of its conditions hold together. An
 * empty list says that every packet is meant and nothing needs to be told apart. The kernel's flower reads the ports
 * wherever they are, behind IPv4 options and IPv6 extension headers; later fragments carry none and do not match.
 */
export function matchesOf(
  filter: PacketFilter,
  blocks: readonly AddressBlock[] | undefined,
  way: PacketWay,
): readonly PacketMatch[] {
  const [local, remote, peer] =
    way === 'egress' ? (['src_port', 'dst_port', 'dst_ip'] as const) : (['dst_port', 'src_port', 'src_ip'] as const);
  const matches = ([4, 6] as const).flatMap(family => {
    const addresses = blocks?.filter(block => block.family === family);
    const keys = combinations([
      protocolKeys(filter, family),
      portKeys(local, filter.localPort),
      portKeys(remote, filter.remotePort),
      addresses?.map(({address, prefix}) => `${peer} ${address}/${prefix}`) ?? [''],
    ]);
    return keys.map((key): PacketMatch => ({family: family === 4 ? 'ip' : 'ipv6', keys: key}));
  });
  return matches.every(({keys}) => keys === '') ? [] : matches;
}

/** The filter in the words of the plan: `tcp packets, local port 8082`; '' when it means every packet. */
export function describeFilter({protocol, localPort, remotePort, address}: PacketFilter): string {
  return [
    ...(protocol === undefined ? [] : [protocol]),
    ...(localPort === undefined ? [] : [`local port ${formatPorts(localPort)}`]),
    ...(remotePort === undefined ? [] : [`remote port ${formatPorts(remotePort)}`]),
    ...(address === undefined ? [] : [`peer ${address.join(', ')}`]),
  ].join(', ');
}
