import type {Impairment, PacketDirection} from '../../../packets.js';
import {PREFERENCES} from './layout.js';

/** What shaping is made of: kernel modules, tools and tables, by the names that `PROBE` tries them under. */
export type Part =
  | 'tc'
  | 'ip'
  | 'netem'
  | 'tbf'
  | 'prio'
  | 'flower'
  | 'ingress'
  | 'ifb'
  | 'mirred'
  | 'normal'
  | 'pareto'
  | 'paretonormal'
  | 'statistic'
  | 'statistic6';

/** Parts that cannot be had, with the words of the tool that tried. */
export type Missing = ReadonlyMap<Part, string>;

const RULE = '-A OUTPUT -m statistic --mode random --probability 0.5 -j DROP';

/**
 * Tries every part for real. It is meant for a network namespace that is thrown away afterwards: it shapes its loopback.
 * Prints a line `PART ok` or `PART REASON` each.
 */
export const PROBE = `try() {
  part=$1; shift
  if said=$("$@" 2>&1); then echo "$part ok"; else echo "$part" $said; fi
}
try tc tc -Version
try ip ip -Version
ip link set lo up
qdisc() { part=$1; shift; try "$part" tc qdisc add dev lo root handle fd1d: "$@"; tc qdisc del dev lo root 2>/dev/null; }
qdisc netem netem limit 100 delay 1ms
qdisc normal netem delay 1ms 1ms distribution normal
qdisc pareto netem delay 1ms 1ms distribution pareto
qdisc paretonormal netem delay 1ms 1ms distribution paretonormal
qdisc tbf tbf rate 100000bps burst 3000 limit 6000
qdisc prio prio bands 4
try ingress tc qdisc add dev lo handle ffff: ingress
try flower tc filter add dev lo parent ffff: protocol ip pref ${PREFERENCES.ip} flower ip_proto tcp dst_port 8000-8001 classid 1:1
try mirred tc filter add dev lo parent ffff: protocol all pref ${PREFERENCES.all} flower action mirred egress redirect dev lo
try ifb ip link add dev fd1d type ifb
try statistic iptables -w 5 ${RULE}
try statistic6 ip6tables -w 5 ${RULE}
true`;

/** Reads what `PROBE` printed. */
export function missingOf(stdout: string): Missing {
  const rows = stdout.split('\n').flatMap(line => {
    const [, part, said] = /^(\w+) ?(.*)$/.exec(line) ?? [];
    return part === undefined || said === undefined || said === 'ok' ? [] : [[part as Part, said] as const];
  });
  return new Map(rows);
}

/** What has to be there to shape like this. */
export function needsOf(impairment: Impairment, direction: PacketDirection, isFiltered: boolean): readonly Part[] {
  const distribution = impairment.kind === 'netem' ? impairment.delay?.distribution : undefined;
  return [
    'tc',
    impairment.kind === 'netem' ? 'netem' : 'tbf',
    ...(distribution === undefined || distribution === 'uniform' ? [] : [distribution]),
    ...(isFiltered && direction !== 'ingress' ? (['prio', 'flower'] as const) : []),
    ...(direction === 'egress' ? [] : (['ip', 'ingress', 'flower', 'mirred', 'ifb'] as const)),
  ];
}

/** The share of packets to lose when iptables could lose them too: plain random loss. */
export function plainLoss(impairment: Impairment): number | undefined {
  if (impairment.kind !== 'netem') return undefined;
  const {loss, delay, corruption, duplication, reordering} = impairment;
  const more = [delay, corruption, duplication, reordering].some(one => one !== undefined);
  return more || loss?.model !== 'random' || loss.correlation > 0 ? undefined : loss.share;
}

const MODULES: Readonly<Partial<Record<Part, string>>> = {
  netem: 'sch_netem',
  tbf: 'sch_tbf',
  prio: 'sch_prio',
  flower: 'cls_flower',
  ingress: 'sch_ingress',
  ifb: 'ifb',
  mirred: 'act_mirred',
};

function nameOf(part: Part): string {
  const module = MODULES[part];
  if (module !== undefined) return `the kernel module ${module}`;
  return part === 'tc' || part === 'ip'
    ? `\`${part}\` (package iproute2)`
    : `the distribution table of \`${part}\` (package iproute2)`;
}

/** What is missing, and the words of the tool that tried it. */
export function lackOf(needs: readonly Part[], missing: Missing): string | undefined {
  const lacking = needs.filter(part => missing.has(part));
  const [first] = lacking;
  if (first === undefined) return undefined;
  // Without the tool everything is missing, and that says nothing.
  const named = missing.has('tc') ? [first] : lacking;
  return `${named.map(nameOf).join(', ')} (${missing.get(first) ?? ''})`;
}

/** What would work instead on a machine with these parts, most alike first. */
export function insteadOf(
  {impairment, isFiltered, direction}: {impairment: Impairment; isFiltered: boolean; direction: PacketDirection},
  missing: Missing,
): string {
  const works = (needed: readonly Part[]) => lackOf(needed, missing) === undefined;
  const random = works(['statistic']) ? ['`network-loss` with a plain `loss`, which iptables can do'] : [];
  const options = [
    ...(isFiltered && works(needsOf(impairment, direction, false))
      ? ['leave out protocol, ports and address: the whole interface can be shaped']
      : []),
    ...(direction !== 'egress' && works(needsOf(impairment, 'egress', isFiltered)) ? ['`direction: egress`'] : []),
    ...(impairment.kind === 'netem' && impairment.loss !== undefined ? random : []),
    ...(impairment.kind === 'bandwidth' || (impairment.kind === 'netem' && impairment.delay !== undefined)
      ? ['the same fault on a proxy target (`firedrill proxy` in the connection)']
      : []),
    ...(impairment.kind === 'netem' && impairment.loss === undefined ? random : []),
    '`network-partition`',
  ];
  const module = missing.has('tc')
    ? 'Install iproute2.'
    : "Load it on the engine's host (`modprobe`; some distributions ship it as linux-modules-extra).";
  return `${module} What works here: ${options.join('; ')}.`;
}
