import type {Impairment, PacketDirection} from '../../packets.js';

/** What shaping is made of: kernel modules, tools and tables, by the names that `PROBE` tries them under. */
export type ShapingPart =
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
export type MissingParts = ReadonlyMap<ShapingPart, string>;

const DELAYING = 'qdisc add dev lo root handle fd1d: netem delay 1ms';
const CLEARING = 'qdisc del dev lo root';

/** Each line with the part that is missing when tc refuses it; '' where a refusal says nothing. */
const TRIES: readonly (readonly [ShapingPart | '', string])[] = [
  ['netem', DELAYING],
  ['', CLEARING],
  ['normal', `${DELAYING} 1ms distribution normal`],
  ['', CLEARING],
  ['pareto', `${DELAYING} 1ms distribution pareto`],
  ['', CLEARING],
  ['paretonormal', `${DELAYING} 1ms distribution paretonormal`],
  ['', CLEARING],
  ['tbf', 'qdisc add dev lo root handle fd1d: tbf rate 100000bps burst 3000 limit 6000'],
  ['', CLEARING],
  ['prio', 'qdisc add dev lo root handle fd1d: prio bands 4'],
  ['ingress', 'qdisc add dev lo handle ffff: ingress'],
  ['flower', 'filter add dev lo parent ffff: protocol ip pref 1 flower ip_proto tcp dst_port 8000-8001 classid 1:1'],
  ['mirred', 'filter add dev lo parent ffff: protocol all pref 2 flower action mirred egress redirect dev lo'],
];

const RULE = '-A OUTPUT -m statistic --mode random --probability 0.5 -j DROP';

/**
 * Tries every part for real. It is meant for a network namespace that is thrown away afterwards: it shapes its
 * loopback. One tc does most of it: a refused line is followed by `Command failed -:LINE`.
 */
export const PROBE = `say() { part=$1; shift; said=$("$@" 2>&1) || echo "$part: $(echo $said)"; }
say ip ip link set lo up
say tc tc -Version
say ifb ip link add dev fd1d type ifb
say statistic iptables -w 5 ${RULE}
say statistic6 ip6tables -w 5 ${RULE}
echo batch
tc -force -batch - <<'FIREDRILL' 2>&1
${TRIES.map(([, line]) => line).join('\n')}
FIREDRILL
true`;

/** What was said before each `Command failed -:LINE`, by the part that the line tries. */
function refusedLines(batch: string): readonly (readonly [ShapingPart, string])[] {
  let said: string[] = [];
  return batch.split('\n').flatMap(line => {
    const [, number] = /^Command failed .*:(\d+)$/.exec(line) ?? [];
    if (number === undefined) {
      said.push(line);
      return [];
    }
    const why = said.filter(text => text.trim() !== '').join(' ');
    said = [];
    const part = TRIES[Number(number) - 1]?.[0] ?? '';
    return part === '' ? [] : [[part, why] as const];
  });
}

/** Reads what `PROBE` printed. */
export function missingOf(stdout: string): MissingParts {
  const [tools = '', batch = ''] = stdout.split(/^batch$/m);
  const rows = tools.split('\n').flatMap((line): (readonly [ShapingPart, string])[] => {
    const [, part, why] = /^(\w+): (.*)$/.exec(line) ?? [];
    return part === undefined || why === undefined ? [] : [[part as ShapingPart, why]];
  });
  return new Map<ShapingPart, string>([...rows, ...refusedLines(batch)]);
}

/** What has to be there to shape like this. */
export function needsOf(
  impairment: Impairment,
  direction: PacketDirection,
  isFiltered: boolean,
): readonly ShapingPart[] {
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

const MODULES: Readonly<Partial<Record<ShapingPart, string>>> = {
  netem: 'sch_netem',
  tbf: 'sch_tbf',
  prio: 'sch_prio',
  flower: 'cls_flower',
  ingress: 'sch_ingress',
  ifb: 'ifb',
  mirred: 'act_mirred',
};

function nameOf(part: ShapingPart): string {
  const module = MODULES[part];
  if (module !== undefined) return `the kernel module ${module}`;
  return part === 'tc' || part === 'ip'
    ? `\`${part}\` (package iproute2)`
    : `the distribution table of \`${part}\` (package iproute2)`;
}

/** What is missing, and the words of the tool that tried it. */
export function lackOf(needs: readonly ShapingPart[], missing: MissingParts): string | undefined {
  const tables: readonly ShapingPart[] = ['normal', 'pareto', 'paretonormal'];
  // Without netem no table can be tried.
  const lacking = [...new Set(needs)].filter(
    part => missing.has(part) && !(missing.has('netem') && tables.includes(part)),
  );
  const [first] = lacking;
  if (first === undefined) return undefined;
  // Without the tool everything is missing, and that says nothing.
  const named = missing.has('tc') ? [first] : lacking;
  return `${named.map(nameOf).join(', ')} (${missing.get(first) ?? ''})`;
}

/** What would work instead on a machine with these parts, most alike first. */
export function insteadOf(
  {impairment, isFiltered, direction}: {impairment: Impairment; isFiltered: boolean; direction: PacketDirection},
  missing: MissingParts,
): string {
  const works = (needed: readonly ShapingPart[]) => lackOf(needed, missing) === undefined;
  const random = works(['statistic']) ? ['`network-loss` with a plain `loss`, which iptables can do'] : [];
  const options = [
    ...(isFiltered && works(needsOf(impairment, direction, false))
      ? ['leave out protocol, ports and address: the whole interface can be shaped']
      : []),
    ...(direction !== 'egress' && works(needsOf(impairment, 'egress', isFiltered)) ? ['`direction: egress`'] : []),
    ...(impairment.kind === 'netem' && impairment.loss !== undefined ? random : []),
    ...(impairment.kind === 'bandwidth' || impairment.delay !== undefined
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
