import {CHAIN_PREFIX, chainsInput, jumpRules, toolOf, type Backend, type IpFamily, type RuleSet} from './rules.js';

/** Waits for the lock of the legacy backend, which all namespaces of a machine share. */
const WAIT = '-w 10';
const END = 'FIREDRILL_END';

function restore(backend: Backend, family: IpFamily, input: string): string {
  return `${toolOf(backend, family, '-restore')} ${WAIT} --noflush <<${END}\n${input}\n${END}`;
}

/** Makes the chains of all families: each family in one transaction. */
export function prepareScript(set: RuleSet, run: string): string {
  return ['set -e', ...set.families.map(family => restore(set.backend, family, chainsInput(set, family, run)))].join(
    '\n',
  );
}

/** When the kernel itself lets go, so long after now. */
export interface KernelHold {
  readonly ms: number;
  /** By the clock of this machine (ms since the epoch); undefined: by that of another one, where the rules are. */
  readonly now: number | undefined;
}

/** The kernel knows times of day only, in UTC. */
function untilClause(hold: KernelHold | undefined): string {
  if (hold === undefined) return "timed=''";
  const seconds = Math.ceil(hold.ms / 1000);
  const stop =
    hold.now === undefined
      ? `$(date -u -d "@$(($(date +%s) + ${seconds}))" +%Y-%m-%dT%H:%M:%S)`
      : new Date(hold.now + seconds * 1000).toISOString().slice(0, 19);
  return `timed="-m time --datestop ${stop} "`;
}

/** Sends the traffic into the chains. Without `hold` the kernel cannot let go by itself. */
export function flipScript(set: RuleSet, run: string, hold: KernelHold | undefined): string {
  const inputs = set.families.map(family =>
    restore(set.backend, family, ['*filter', ...jumpRules(set, family, run), 'COMMIT'].join('\n')),
  );
  return ['set -e', untilClause(hold), ...inputs].join('\n');
}

/** Replaces the jumps by ones that last longer, in one transaction a family. */
export function renewScript(set: RuleSet, run: string, hold: KernelHold): string {
  const inputs = set.families.map(family => {
    const jumps = jumpRules(set, family, run).map(rule => `echo "${rule.replaceAll('"', '\\"')}"`);
    return replaceWhatIsThere(set, family, [dropJumps(set.tag), ...jumps]);
  });
  return ['set -e', untilClause(hold), ...inputs].join('\n');
}

/** Prints the deletion of every jump to the chains of the tag that stands in `$now`. */
function dropJumps(tag: string): string {
  return `echo "$now" | sed -n '/ -j ${CHAIN_PREFIX}${tag}-[IO]$/s/^-A /-D /p'`;
}

function replaceWhatIsThere({backend, tag}: RuleSet, family: IpFamily, parts: readonly string[]): string {
  const body = ["echo '*filter'", ...parts, 'echo COMMIT'].join('; ');
  return [
    `now=$(${toolOf(backend, family)} ${WAIT} -S)`,
    `case "$now" in *${CHAIN_PREFIX}${tag}-*) { ${body}; } | ${toolOf(backend, family, '-restore')} ${WAIT} --noflush;; esac`,
  ].join('\n');
}

/**
 * Removes the jumps and the chains of a tag, whatever of them is there, in one transaction a family. Both families are
 * tried, also where the first fails.
 */
export function undoScript(set: RuleSet): string {
  const chains = (letter: string) =>
    `echo "$now" | sed -n 's/^-N \\(${CHAIN_PREFIX}${set.tag}-[IO]\\)$/-${letter} \\1/p'`;
  const each = set.families.map(family => {
    const undo = replaceWhatIsThere(set, family, [dropJumps(set.tag), chains('F'), chains('X')]);
    return `( set -e\n${undo} ) || failed=1`;
  });
  return ['failed=0', ...each, 'exit $failed'].join('\n');
}

/** The same as a person would type it: one line, not in one transaction with what others change meanwhile. */
export function typedUndo({backend, families, tag}: RuleSet): string {
  const of = (family: IpFamily, suffix: '-save' | '-restore') => toolOf(backend, family, suffix);
  return families
    .map(one => `${of(one, '-save')} -t filter | grep -v ${CHAIN_PREFIX}${tag} | ${of(one, '-restore')}`)
    .join('; ');
}

const HEADER = '== rules ';

/**
 * Prints the rules of the filter table with their counters, family by family, the interfaces with IPv6, and (where it
 * is not the clock of this machine) the time.
 */
export function readScript({backend, families}: Pick<RuleSet, 'backend' | 'families'>, withClock = false): string {
  const each = families.map(
    family => `echo "${HEADER}${family}"; ${toolOf(backend, family, '-save')} -c -t filter || exit 9`,
  );
  return [
    'while read -r address index prefix scope flags device; do echo "inet6 $device"; done 2>/dev/null </proc/net/if_inet6',
    ...(withClock ? ['echo "clock $(date +%s)"'] : []),
    ...each,
  ].join('\n');
}

/** What stands in the filter table of one family. */
export interface FilterTable {
  readonly chains: readonly string[];
  readonly rules: readonly {readonly chain: string; readonly text: string; readonly packets: number}[];
}

/** What the output of such a script says. */
export interface RulesView {
  readonly tables: ReadonlyMap<IpFamily, FilterTable>;
  /** There is an interface with an IPv6 address, other than the loopback. */
  readonly hasIpv6: boolean;
  /** Time of day where the rules are, ms since the epoch, if it was asked for. */
  readonly clock: number | undefined;
}

export function readTables(output: string): RulesView {
  const [head = '', ...parts] = output.split(HEADER);
  const tables = new Map<IpFamily, FilterTable>();
  for (const part of parts) {
    const [family, ...lines] = part.split('\n');
    const chains = lines.flatMap(line => /^:(\S+)/.exec(line)?.[1] ?? []);
    const rules = lines.flatMap(line => {
      const [, packets, chain, text] = /^\[(\d+):\d+\] -A (\S+) ?(.*)$/.exec(line) ?? [];
      return chain === undefined || text === undefined ? [] : [{chain, text, packets: Number(packets)}];
    });
    tables.set(family?.trim() === '6' ? 6 : 4, {chains, rules});
  }
  const seconds = /^clock (\d+)$/m.exec(head)?.[1];
  const clock = seconds === undefined ? undefined : Number(seconds) * 1000;
  return {tables, hasIpv6: /^inet6 (?!lo$)/m.test(head), clock};
}
