import type {PacketFilter, PacketWay, PortRange} from '../../packets.js';

/** The iptables that a rule set was made with: rules of one backend are invisible to the other. */
export type Backend = 'nft' | 'legacy' | 'plain';
export type IpFamily = 4 | 6;

/** A rule set on one container, as it stands in the arguments of its operations. */
export interface RuleSet {
  /** 12 hex digits that name the chains. */
  readonly tag: string;
  readonly backend: Backend;
  readonly families: readonly IpFamily[];
  /** Addresses and blocks that are cut off, by family; undefined: everyone. */
  readonly blocks: {readonly 4: readonly string[]; readonly 6: readonly string[]} | undefined;
  /** Own addresses on the chosen network; undefined: every interface but the loopback. */
  readonly own: {readonly 4: string; readonly 6: string} | undefined;
  readonly filter: Pick<PacketFilter, 'protocol' | 'localPort' | 'remotePort' | 'direction'>;
  readonly action: 'drop' | 'reject';
  /** Sent packets can be lost without their sender being told; see `verdicts`. */
  readonly silent: boolean;
}

/** A queue that nobody reads in a namespace where nobody reads any. */
const NOBODYS_QUEUE = 64_785;

export const CHAIN_PREFIX = 'FIREDRILL-';
/** Multiport takes 15 ports, a range counts as two. */
const PORTS_PER_RULE = 7;
const ADDRESSES_PER_LINE = 64;
/** Router and neighbour discovery are IPv6's ARP: without them an undo would not show for a while. */
const DISCOVERY = [133, 134, 135, 136, 137];

export function chainName(tag: string, way: PacketWay): string {
  return `${CHAIN_PREFIX}${tag}-${way === 'ingress' ? 'I' : 'O'}`;
}

export function waysOf({direction}: RuleSet['filter']): readonly PacketWay[] {
  return direction === 'both' ? ['ingress', 'egress'] : [direction];
}

/** The command of a family and backend: `iptables-nft-restore`, `ip6tables`, … */
export function toolOf(backend: Backend, family: IpFamily, action: '' | '-restore' | '-save' = ''): string {
  return `${family === 4 ? 'iptables' : 'ip6tables'}${backend === 'plain' ? '' : `-${backend}`}${action}`;
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({length: Math.ceil(items.length / size)}, (_, nth) => items.slice(nth * size, (nth + 1) * size));
}

/** Alternatives of one port condition; one empty alternative where there is none. */
function portMatches(ranges: readonly PortRange[] | undefined, flag: '--sports' | '--dports'): readonly string[] {
  if (ranges === undefined) return [''];
  return chunks(ranges, PORTS_PER_RULE).map(some => {
    const ports = some.map(([from, to]) => (from === to ? String(from) : `${from}:${to}`));
    return `-m multiport ${flag} ${ports.join(',')}`;
  });
}

function protocolsOf({protocol, localPort, remotePort}: RuleSet['filter'], family: IpFamily): readonly string[] {
  if (protocol === 'icmp') return [family === 4 ? 'icmp' : 'ipv6-icmp'];
  if (protocol !== undefined) return [protocol];
  return localPort === undefined && remotePort === undefined ? [] : ['tcp', 'udp'];
}

interface Condition {
  /** Undefined: every protocol. */
  readonly protocol?: string;
  readonly text: string;
}

/** What a packet has to match beside its address: every alternative is a rule. */
function conditions(set: RuleSet, way: PacketWay, family: IpFamily): readonly Condition[] {
  const {filter} = set;
  const [local, remote] = way === 'ingress' ? (['--dports', '--sports'] as const) : (['--sports', '--dports'] as const);
  const protocols = protocolsOf(filter, family);
  const ports = portMatches(filter.localPort, local).flatMap(mine =>
    portMatches(filter.remotePort, remote).map(theirs => `${mine} ${theirs}`.trim()),
  );
  return protocols.length === 0
    ? ports.map(text => ({text}))
    : protocols.flatMap(protocol => ports.map(port => ({protocol, text: `-p ${protocol} ${port}`.trim()})));
}

function addressMatches(set: RuleSet, way: PacketWay, family: IpFamily): readonly {text: string; rules: number}[] {
  const flag = way === 'ingress' ? '-s' : '-d';
  const blocks = set.blocks?.[family];
  if (blocks === undefined) return [{text: '', rules: 1}];
  return chunks(blocks, ADDRESSES_PER_LINE).map(some => ({text: `${flag} ${some.join(',')}`, rules: some.length}));
}

/**
 * REJECT answers a TCP packet as a closed port does; everything else as an unreachable one. A DROP on the way out makes
 * `sendto` fail with EPERM, which no lossy network does: a packet for a queue that nobody reads is lost without a word.
 */
function verdicts(set: RuleSet, way: PacketWay, {protocol, text: condition}: Condition): readonly string[] {
  if (set.action === 'drop') {
    const isSilent = way === 'egress' && set.silent;
    return [isSilent ? `${condition} -j NFQUEUE --queue-num ${NOBODYS_QUEUE}` : `${condition} -j DROP`];
  }
  const reset = '-j REJECT --reject-with tcp-reset';
  if (protocol === 'tcp') return [`${condition} ${reset}`];
  if (protocol !== undefined) return [`${condition} -j REJECT`];
  return [`-p tcp ${condition} ${reset}`, `${condition} -j REJECT`];
}

/** What passes all the same: IPv6's address resolution, and the answers of our own rejections on their way out. */
function exceptions(set: RuleSet, way: PacketWay, family: IpFamily): readonly string[] {
  const discovery = family === 6 ? DISCOVERY.map(type => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j RETURN`) : [];
  if (set.action === 'drop' || way === 'ingress') return discovery;
  const unreachable =
    family === 4
      ? '-p icmp -m icmp --icmp-type destination-unreachable -j RETURN'
      : '-p ipv6-icmp -m icmp6 --icmpv6-type destination-unreachable -j RETURN';
  return [...discovery, '-p tcp -m tcp --tcp-flags RST RST -j RETURN', unreachable];
}

interface RuleLine {
  readonly text: string;
  /** A list of addresses becomes a rule for each. */
  readonly rules: number;
}

function linesOf(set: RuleSet, way: PacketWay, family: IpFamily): readonly RuleLine[] {
  const cuts = conditions(set, way, family).flatMap(condition =>
    addressMatches(set, way, family).flatMap(({text, rules}) =>
      verdicts(set, way, condition).map(verdict => ({text: `${text} ${verdict}`.trim(), rules})),
    ),
  );
  return [...exceptions(set, way, family).map(text => ({text, rules: 1})), ...cuts];
}

/** How many rules the chains of a family hold when they are complete. */
export function ruleCount(set: RuleSet, family: IpFamily): number {
  const lines = waysOf(set.filter).flatMap(way => linesOf(set, way, family));
  return lines.reduce((sum, {rules}) => sum + rules, 0);
}

/** What stands beside every rule in the container, so that anyone can tell whose it is. */
export function commentOf(run: string): string {
  return `firedrill run ${run.replace(/[^\w.:/-]/g, '-').slice(0, 200)}`;
}

/**
 * Input of iptables-restore that makes the chains, or makes them anew. They are harmless until something jumps to them.
 */
export function chainsInput(set: RuleSet, family: IpFamily, run: string): string {
  const ways = waysOf(set.filter);
  const comment = `-m comment --comment "${commentOf(run)}"`;
  const rules = ways.flatMap(way =>
    linesOf(set, way, family).map(({text}) => `-A ${chainName(set.tag, way)} ${text.replace('-j ', `${comment} -j `)}`),
  );
  return ['*filter', ...ways.map(way => `:${chainName(set.tag, way)} - [0:0]`), ...rules, 'COMMIT', ''].join('\n');
}

/** The rules that send the traffic there, each at the head of its chain; `$timed` is the shell's. */
export function jumpRules(set: RuleSet, family: IpFamily, run: string): readonly string[] {
  return waysOf(set.filter).map(way => {
    const [hook, loopback, mine] = way === 'ingress' ? ['INPUT', '! -i lo', '-d'] : ['OUTPUT', '! -o lo', '-s'];
    const own = set.own?.[family] ?? '';
    const where = own === '' ? loopback : `${loopback} ${mine} ${own}`;
    return `-I ${hook} 1 ${where} $timed-m comment --comment "${commentOf(run)}" -j ${chainName(set.tag, way)}`;
  });
}
