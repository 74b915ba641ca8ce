import {
  CHAIN_PREFIX,
  chainsInput,
  jumpRules,
  toolOf,
  type Backend,
  type Family,
  type RuleSet,
} from './partition-rules.js';

/** Waits for the lock of the legacy backend, which all namespaces of a machine share. */
const WAIT = '-w 10';
const END = 'FIREDRILL_END';

function restore(backend: Backend, family: Family, input: string): string {
  return `${toolOf(backend, family, '-restore')} ${WAIT} --noflush <<${END}\n${input}\n${END}`;
}

/** Makes the chains of all families: each family in one transaction. */
export function prepareScript(set: RuleSet, run: string): string {
  return ['set -e', ...set.families.map(family => restore(set.backend, family, chainsInput(set, family, run)))].join(
    '\n',
  );
}

/** The kernel itself lets go at a time of day; counted from now, by the clock of the machine that the rules are on. */
function untilClause(holdMs: number | undefined): string {
  if (holdMs === undefined) return "timed=''";
  const seconds = Math.ceil(holdMs / 1000);
  const format = '+%Y-%m-%dT%H:%M:%S';
  return `timed="-m time --datestop $(date -u -d "@$(($(date +%s) + ${seconds}))" ${format}) "`;
}

/** Sends the traffic into the chains. `holdMs`: the kernel lets go after so long; undefined where it cannot. */
export function flipScript(set: RuleSet, run: string, holdMs: number | undefined): string {
  const inputs = set.families.map(family =>
    restore(set.backend, family, ['*filter', ...jumpRules(set, family, run), 'COMMIT'].join('\n')),
  );
  return ['set -e', untilClause(holdMs), ...inputs].join('\n');
}

/** Replaces the jumps by ones that last longer, in one transaction a family. */
export function renewScript(set: RuleSet, run: string, holdMs: number): string {
  const inputs = set.families.map(family => {
    const jumps = jumpRules(set, family, run).map(rule => `echo "${rule.replaceAll('"', '\\"')}"`);
    return replaceWhatIsThere(set, family, [dropJumps(set.tag), ...jumps]);
  });
  return ['set -e', untilClause(holdMs), ...inputs].join('\n');
}

/** Prints the deletion of every jump to the chains of the tag that stands in `$now`. */
function dropJumps(tag: string): string {
  return `echo "$now" | sed -n '/ -j ${CHAIN_PREFIX}${tag}-[IO]$/s/^-A /-D /p'`;
}

function replaceWhatIsThere({backend, tag}: RuleSet, family: Family, parts: readonly string[]): string {
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

const HEADER = '== rules ';

/** Prints the clock and the rules of the filter table with their counters, family by family. */
export function readScript(backend: Backend, families: readonly Family[]): string {
  const each = families.map(
    family => `echo "${HEADER}${family}"; ${toolOf(backend, family, '-save')} -c -t filter || exit 9`,
  );
  return ["date -u '+%Y-%m-%dT%H:%M:%S'", ...each].join('\n');
}

/** What stands in the filter table of one family. */
export interface FilterTable {
  readonly chains: readonly string[];
  readonly rules: readonly {readonly chain: string; readonly text: string; readonly packets: number}[];
}

/** Reads the output of such a script. `clock`: the container's machine, UTC, in the form that rules carry it. */
export function readTables(output: string): {
  readonly clock: string;
  readonly tables: ReadonlyMap<Family, FilterTable>;
} {
  const [clock = '', ...parts] = output.split(HEADER);
  const tables = new Map<Family, FilterTable>();
  for (const part of parts) {
    const [family, ...lines] = part.split('\n');
    const chains = lines.flatMap(line => /^:(\S+)/.exec(line)?.[1] ?? []);
    const rules = lines.flatMap(line => {
      const [, packets, chain, text] = /^\[(\d+):\d+\] -A (\S+) ?(.*)$/.exec(line) ?? [];
      return chain === undefined || text === undefined ? [] : [{chain, text, packets: Number(packets)}];
    });
    tables.set(family?.trim() === '6' ? 6 : 4, {chains, rules});
  }
  return {clock: clock.trim(), tables};
}
