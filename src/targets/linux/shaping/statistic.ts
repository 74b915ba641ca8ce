import {type AddressBlock, type PacketFilter, type PortRange, type PacketWay} from '../../packets.js';

/** Random loss by iptables, for kernels without netem. Pure compilation of rule sets for iptables-restore(8). */

/** A share of what passes these devices is dropped. */
export interface Loss {
  /** Twelve hexadecimal digits: names our chains. */
  readonly tag: string;
  readonly share: number;
  readonly devices: readonly string[];
  readonly ways: readonly PacketWay[];
  readonly filter: Pick<PacketFilter, 'protocol' | 'localPort' | 'remotePort'>;
  readonly blocks: readonly AddressBlock[] | null;
}

export type Tables = 'iptables' | 'ip6tables';

const HOOKS = {egress: {chain: 'OUTPUT', device: '-o'}, ingress: {chain: 'INPUT', device: '-i'}} as const;

/** Errors and echo, as the netem form means it: neighbour discovery keeps working. */
const ICMPV6_TYPES = [1, 2, 3, 4, 128, 129];

/** Chooses the packets. At most 28 characters are a chain's name. */
export function choosing(tag: string, way: PacketWay): string {
  return `fd1d-${tag}-${way === 'egress' ? 'out' : 'in'}`;
}

/** Throws the dice. */
export function throwing(tag: string): string {
  return `fd1d-${tag}-lose`;
}

function protocols({protocol, localPort, remotePort}: Loss['filter'], tables: Tables): readonly string[] {
  if (protocol === 'icmp') {
    return tables === 'iptables' ? ['-p icmp'] : ICMPV6_TYPES.map(type => `-p ipv6-icmp --icmpv6-type ${type}`);
  }
  if (protocol !== undefined) return [`-p ${protocol}`];
  return localPort === undefined && remotePort === undefined ? [''] : ['-p tcp', '-p udp'];
}

function ports(flag: string, ranges: readonly PortRange[] | undefined): readonly string[] {
  return ranges?.map(([from, to]) => `${flag} ${from}:${to}`) ?? [''];
}

function addresses(flag: string, {blocks}: Loss, tables: Tables): readonly string[] {
  if (blocks === null) return [''];
  const family = tables === 'iptables' ? 4 : 6;
  return blocks.filter(block => block.family === family).map(({address, prefix}) => `${flag} ${address}/${prefix}`);
}

function matches(loss: Loss, way: PacketWay, tables: Tables): readonly string[] {
  const {filter} = loss;
  const [local, remote, peer] =
    way === 'egress' ? (['--sport', '--dport', '-d'] as const) : (['--dport', '--sport', '-s'] as const);
  const choices = [
    protocols(filter, tables),
    ports(local, filter.localPort),
    ports(remote, filter.remotePort),
    addresses(peer, loss, tables),
  ];
  return choices.reduce<readonly string[]>(
    (rules, choice) => rules.flatMap(rule => choice.map(one => `${rule} ${one}`.trim())),
    [''],
  );
}

/** How many classifiers one direction needs at most. */
export function ruleCount(loss: Loss): number {
  return Math.max(
    ...loss.ways.map(way => matches(loss, way, 'iptables').length + matches(loss, way, 'ip6tables').length),
  );
}

function table(lines: readonly string[]): string {
  return ['*filter', ...lines, 'COMMIT', ''].join('\n');
}

/**
 * The chains, which nothing leads to yet. A match goes (`-g`) to the dice and comes back behind the jump that led to
 * us, so a packet that matches twice is not thrown for twice.
 */
export function preparing(loss: Loss, tables: Tables, comment: string): string {
  const dice = throwing(loss.tag);
  const probability = loss.share.toFixed(10);
  const note = `-m comment --comment "${comment.replaceAll(/[^\w .:/-]/g, '_').slice(0, 200)}"`;
  const random = loss.share < 1 ? `-m statistic --mode random --probability ${probability} ` : '';
  return table([
    `:${dice} - [0:0]`,
    ...loss.ways.map(way => `:${choosing(loss.tag, way)} - [0:0]`),
    `-A ${dice} ${random}${note} -j DROP`,
    ...loss.ways.flatMap(way =>
      matches(loss, way, tables).map(match =>
        `-A ${choosing(loss.tag, way)} ${match} -g ${dice}`.replaceAll('  ', ' '),
      ),
    ),
  ]);
}

function jumps({tag, ways, devices}: Loss): readonly string[] {
  return ways.flatMap(way =>
    devices.map(device => `${HOOKS[way].chain} ${HOOKS[way].device} ${device} -j ${choosing(tag, way)}`),
  );
}

/** Leads what passes the devices into our chains, in one transaction. */
export function flipping(loss: Loss): string {
  return table(jumps(loss).map(jump => `-I ${jump}`));
}

/** POSIX sh that removes what is left of it: first the jumps, so that nothing passes a half-removed chain. */
export function removingLoss(loss: Loss, tables: Tables): string {
  const run = `${tables} -w 5`;
  const chains = [...loss.ways.map(way => choosing(loss.tag, way)), throwing(loss.tag)];
  return [
    ...jumps(loss).map(jump => `while ${run} -D ${jump} 2>/dev/null; do :; done`),
    ...chains.map(chain => `${run} -F ${chain} 2>/dev/null`),
    ...chains.map(chain => `${run} -X ${chain} 2>/dev/null`),
  ].join('\n');
}

export interface LossShown {
  /** Jumps into our chains. */
  readonly jumps: number;
  readonly chains: number;
  /** Rules that lead to the dice, and those that throw them. */
  readonly rules: number;
  /** Packets that the dice were thrown for, and those that were lost. */
  readonly thrown: number;
  readonly lost: number;
}

/** Reads the output of `iptables-save -c`. */
export function readLoss(saved: string, {tag}: Pick<Loss, 'tag'>): LossShown {
  const lines = saved.split('\n').filter(line => line.includes(`fd1d-${tag}-`));
  const count = (line: string) => Number(/^\[(\d+):/.exec(line)?.[1] ?? 0);
  const sum = (chosen: readonly string[]) => chosen.reduce((total, line) => total + count(line), 0);
  return {
    chains: lines.filter(line => line.startsWith(':')).length,
    rules: lines.filter(line => line.includes(` -g ${throwing(tag)}`) || line.includes(' -j DROP')).length,
    jumps: lines.filter(line => / -A (INPUT|OUTPUT) /.test(line)).length,
    thrown: sum(lines.filter(line => line.includes(` -g ${throwing(tag)}`))),
    lost: sum(lines.filter(line => line.includes(' -j DROP'))),
  };
}

/** Why packets are not lost as they should; undefined when they are. */
export function flawOf(
  loss: Loss,
  tables: readonly Tables[],
  {jumps, rules}: Pick<LossShown, 'jumps' | 'rules'>,
): string | undefined {
  const leading = loss.ways.length * loss.devices.length * tables.length;
  if (jumps !== leading) return `${jumps} of ${leading} jumps into its chains are there`;
  const wanted = tables.reduce(
    (sum, name) => sum + 1 + loss.ways.reduce((all, way) => all + matches(loss, way, name).length, 0),
    0,
  );
  return rules === wanted ? undefined : `${rules} of ${wanted} rules are in its chains`;
}
