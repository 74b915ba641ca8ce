/** Which packets of a target a fault means, in the words of the experiment file, normalised. Pure data. */

export type PacketProtocol = 'tcp' | 'udp' | 'icmp';

/** Ports from first to last, both included. */
export type PortRange = readonly [from: number, to: number];

/** As the target sees it: `egress` leaves it, `ingress` reaches it. */
export type PacketWay = 'egress' | 'ingress';
export type PacketDirection = PacketWay | 'both';

/** Every condition that is given must hold; within a list any one is enough. An absent one does not narrow. */
export interface PacketFilter {
  /** `icmp` is ICMP and ICMPv6. Ports without a protocol mean TCP and UDP. */
  readonly protocol?: PacketProtocol | undefined;
  /** Ports of the target itself. */
  readonly localPort?: readonly PortRange[] | undefined;
  /** Ports of whoever it talks to. */
  readonly remotePort?: readonly PortRange[] | undefined;
  /** Whoever it talks to: IPv4 or IPv6 addresses, CIDR blocks, host names. */
  readonly address?: readonly string[] | undefined;
  readonly direction: PacketDirection;
  /** Name of a network of the target; absent: every interface but the loopback. */
  readonly network?: string | undefined;
}

/** A range or a single port, as it is written in a file. */
export function formatPorts(ranges: readonly PortRange[]): string {
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

/** An address or block that needs no resolving. `host` bits are kept as written; a bare address has a full prefix. */
export interface AddressBlock {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
}

function octets(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every(part => Number(part) <= 255);
}

/** The canonical form of an IPv6 address without a zone; undefined when it is none. */
function ipv6(text: string): string | undefined {
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':')) return undefined;
  const url = `http://[${text}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

/** `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`; undefined for a host name and for anything else. */
export function parseAddressBlock(text: string): AddressBlock | undefined {
  const [, address = '', given] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const six = ipv6(address);
  const [family, plain] = octets(address) ? ([4, address] as const) : ([6, six] as const);
  const full = family === 4 ? 32 : 128;
  const prefix = given === undefined ? full : Number(given);
  return plain === undefined || prefix > full ? undefined : {family, address: plain, prefix};
}

export type DelayDistribution = 'uniform' | 'normal' | 'pareto' | 'paretonormal';

/** A share of the packets; `correlation` is how much each draw depends on the one before. Both 0 to 1. */
export interface PacketShare {
  readonly share: number;
  readonly correlation: number;
}

/** How packets are lost. The models and their parameters are those of tc-netem(8); all are probabilities, 0 to 1. */
export type PacketLoss =
  | ({readonly model: 'random'} & PacketShare)
  /** Gilbert-Elliott: p good to bad, r bad to good; loss in the bad and in the good state. */
  | {readonly model: 'gemodel'; readonly p: number; readonly r: number; readonly bad: number; readonly good: number}
  /** Four states: 1 good, 2 good within a burst, 3 burst of losses, 4 a single loss. */
  | ({readonly model: 'state'} & Readonly<Record<'p13' | 'p31' | 'p32' | 'p23' | 'p14', number>>);

/** What a network does to packets. */
export interface Netem {
  readonly kind: 'netem';
  readonly delay?: {
    readonly ms: number;
    readonly jitterMs: number;
    readonly correlation: number;
    readonly distribution: DelayDistribution;
  };
  readonly loss?: PacketLoss;
  readonly corruption?: PacketShare;
  readonly duplication?: PacketShare;
  /** This share is sent at once, ahead of the delayed ones; only every `gap`th packet may be. */
  readonly reordering?: PacketShare & {readonly gap: number};
}

/** A token bucket: `burstBytes` may pass at once; what would wait longer than `queueMs` is dropped. */
export interface Bandwidth {
  readonly kind: 'bandwidth';
  readonly bytesPerSecond: number;
  readonly burstBytes?: number | undefined;
  readonly queueMs: number;
}

export type Impairment = Netem | Bandwidth;
