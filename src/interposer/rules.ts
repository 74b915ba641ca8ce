import type {Redirect} from './mode.js';

/**
 * The packet rules of an interposer, as text for `iptables-restore` and `sh`. All stand in chains of their own whose
 * names carry the tag, so that they can be found, and removed, without knowing what they say.
 */

export const FAMILIES = ['iptables', 'ip6tables'] as const;
export type IptablesFamily = (typeof FAMILIES)[number];

/** Start of the names of all chains with this tag; at most 28 characters are allowed in one. */
export function chainPrefix(tag: string): string {
  return `firedrill-${tag}-`;
}

export interface Ruling {
  /** 12 hex digits. */
  readonly tag: string;
  /** Written beside the rules, for whoever finds them. */
  readonly run: string;
  /** Packets of processes with this group id are ours: never redirected. */
  readonly gid: number;
  readonly redirects: readonly Redirect[];
  /** A zone of connection tracking, 1 to 65535, that no redirect has used before. */
  readonly zone: number;
}

function isOf(family: IptablesFamily, {address}: Redirect): boolean {
  return address === undefined || address.includes(':') === (family === 'ip6tables');
}

function matching({protocol, port, address}: Redirect): string {
  return `${address === undefined ? '' : `-d ${address} `}-p ${protocol} --dport ${port}`;
}

/**
 * Only the start of a connection is redirected: with the first rule that needs it the namespace begins to track
 * connections, and takes the next packet of one that exists already for a new one.
 */
function syn({protocol}: Redirect): string {
  return protocol === 'tcp' ? ' --syn' : '';
}

/** Quotes for iptables-restore: a run's id has no quotes, but what is written by hand may. */
function comment(run: string): string {
  return `-m comment --comment "firedrill run ${run.replace(/[^\w .:/-]/g, '_').slice(0, 200)}"`;
}

interface Hook {
  readonly hook: Redirect['hook'];
  /** Chains of the tables nat and filter that the rules hang on. */
  readonly nat: string;
  readonly filter: string;
  readonly short: string;
}

const HOOKS: readonly Hook[] = [
  {hook: 'input', nat: 'PREROUTING', filter: 'INPUT', short: 'in'},
  {hook: 'output', nat: 'OUTPUT', filter: 'OUTPUT', short: 'out'},
];

/**
 * Input of `iptables-restore --noflush` for one family; undefined when nothing is to be done there. A packet to the
 * port that still shows its own destination in the table filter belongs to a connection that is older than the redirect
 * (the destination of a younger one has been rewritten before), or to this process: that is all `existing: reset`
 * needs.
 */
export function redirectRules(family: IptablesFamily, {tag, run, gid, redirects}: Ruling): string | undefined {
  const nat: string[] = [];
  const filter: string[] = [];
  for (const {hook, short, ...chains} of HOOKS) {
    const wanted = redirects.filter(one => one.hook === hook && isOf(family, one));
    if (wanted.length === 0) continue;
    const chain = chainPrefix(tag) + short;
    const own = hook === 'output' ? [`-A ${chain} -m owner --gid-owner ${gid} -j RETURN`] : [];
    nat.push(
      `:${chain} - [0:0]`,
      ...own,
      ...wanted.map(one => `-A ${chain} ${matching(one)}${syn(one)} ${comment(run)} -j REDIRECT --to-ports ${one.to}`),
      `-I ${chains.nat} 1 ${comment(run)} -j ${chain}`,
    );
    const reset = wanted.filter(one => one.protocol === 'tcp' && one.existing === 'reset');
    if (reset.length === 0) continue;
    filter.push(
      `:${chain} - [0:0]`,
      ...own,
      // What we pass on ourselves comes in by the loopback.
      ...(hook === 'input' ? [`-A ${chain} -i lo -j RETURN`] : []),
      ...reset.map(one => `-A ${chain} ${matching(one)} ! --syn ${comment(run)} -j REJECT --reject-with tcp-reset`),
      `-I ${chains.filter} 1 ${comment(run)} -j ${chain}`,
    );
  }
  if (nat.length === 0) return undefined;
  const table = (name: string, rows: readonly string[]) => (rows.length === 0 ? [] : [`*${name}`, ...rows, 'COMMIT']);
  // The resets come second: a connection that is refused comes again, and must be redirected then.
  return [...table('nat', nat), ...table('filter', filter), ''].join('\n');
}

/**
 * Input of `iptables-restore --noflush` that lets UDP packets to be redirected be tracked in a zone of their own. A
 * client that keeps its socket has been tracked before, and what is tracked is not looked at by the table nat again:
 * with the rule its next packet is a new flow and is redirected; without the rule the one after that is part of the old
 * flow, untouched. Answers come back outside the zone. Undefined where no UDP is redirected.
 */
export function zoneRules(family: IptablesFamily, {tag, run, gid, redirects, zone}: Ruling): string | undefined {
  const wanted = redirects.filter(one => one.hook === 'output' && one.protocol === 'udp' && isOf(family, one));
  if (wanted.length === 0) return undefined;
  const chain = `${chainPrefix(tag)}out`;
  return [
    '*raw',
    `:${chain} - [0:0]`,
    `-A ${chain} -m owner --gid-owner ${gid} -j RETURN`,
    ...wanted.map(one => `-A ${chain} ${matching(one)} ${comment(run)} -j CT --zone-orig ${zone}`),
    `-I OUTPUT 1 ${comment(run)} -j ${chain}`,
    'COMMIT',
    '',
  ].join('\n');
}

/**
 * awk that turns what `iptables-save` says into what `iptables-restore` is to do: delete the jumps to the chains with
 * the prefix (`all=0`), then empty and delete the chains too (`all=1`). The table filter comes first.
 */
function undoing(prefix: string): string {
  return [
    '/^\\*/ {table = $1; order[++t] = table}',
    `/^:${prefix}/ {name = substr($1, 2); empty[table] = empty[table] "-F " name "\\n"; drop[table] = drop[table] "-X " name "\\n"}`,
    `/^-A / && !/^-A ${prefix}/ && / -j ${prefix}/ {sub(/^-A/, "-D"); jumps[table] = jumps[table] $0 "\\n"}`,
    'function undo(name) {text = jumps[name]; if (all) text = text empty[name] drop[name]; if (text != "") printf "%s\\n%sCOMMIT\\n", name, text}',
    'END {undo("*filter"); for (i = 1; i <= t; i++) if (order[i] != "*filter") undo(order[i])}',
  ].join('\n');
}

function undoScript(tag: string, all: 0 | 1): string {
  const prefix = chainPrefix(tag);
  const left = all === 1 ? prefix : `-j ${prefix}`;
  return `left=0
for family in ${FAMILIES.join(' ')}; do
  for attempt in 1 2 3; do
    # Without IPv6 there is nothing to read, and nothing to remove; IPv4 is always there.
    rules=$("$family-save" 2>/dev/null) || { [ "$family" = iptables ] && left=1; continue 2; }
    case $rules in *'${left}'*) ;; *) continue 2 ;; esac
    printf '%s\\n' "$rules" | awk -v all=${all} '${undoing(prefix)}' | "$family-restore" -w 5 --noflush || sleep 0.1
  done
  "$family-save" 2>/dev/null | grep -q -- '${left}' && left=1
done
[ "$left" = 0 ]
`;
}

/**
 * POSIX sh after which nothing new is redirected: the chains stay, but no packet comes to them. They have to stay until
 * the redirected connections have ended: a namespace without a rule that needs it tracks no connections any more, and
 * then their packets are no longer translated back.
 */
export function unhookScript(tag: string): string {
  return undoScript(tag, 0);
}

/**
 * POSIX sh that removes whatever carries the tag, in both families, and ends with 0 once nothing does. It may run twice
 * at a time: each table is changed as a whole, and who comes second tries again with what is left.
 */
export function removalScript(tag: string): string {
  return undoScript(tag, 1);
}

/** POSIX sh that prints the rules that carry the tag, and ends with 0. */
export function listingScript(tag: string): string {
  return `for family in ${FAMILIES.join(' ')}; do "$family-save" 2>/dev/null | grep -- '${chainPrefix(tag)}'; done; true\n`;
}
