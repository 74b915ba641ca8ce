import type {Backend, IpFamily} from './rules.js';

/** What the way in offers to filter packets with. */
export interface FilterTools {
  readonly backend: Backend;
  readonly families: readonly IpFamily[];
  /** The kernel can let go by itself at a time of day (match `time`). */
  readonly hasTime: boolean;
  /** Packets can be handed to a queue (target `NFQUEUE`). */
  readonly hasQueue: boolean;
}

/** A rule set as a partition makes them, in a namespace that is thrown away: what it takes is what works. */
export const PROBE = `
first=legacy; case "$(iptables -V 2>&1)" in *nf_tables*) first=nft;; esac
try() { printf '*filter\\n:FIREDRILL-PROBE - [0:0]\\n%s\\nCOMMIT\\n' "$2" | "$1-restore" -w 5 --noflush 2>&1; }
for backend in $first nft legacy plain; do
  suffix="-$backend"; [ "$backend" = plain ] && suffix=
  for tool in iptables ip6tables; do
    command -v "$tool$suffix-restore" >/dev/null 2>&1 || { echo "absent $backend $tool"; continue; }
    if said=$(try "$tool$suffix" '-A FIREDRILL-PROBE -p tcp -m multiport --dports 1,2:3 -m comment --comment "a b" -j REJECT --reject-with tcp-reset
-A FIREDRILL-PROBE -j DROP
-I INPUT 1 ! -i lo -j FIREDRILL-PROBE'); then
      can=
      try "$tool$suffix" '-A FIREDRILL-PROBE -m time --datestop 2037-01-01T00:00:00 -j RETURN' >/dev/null && can="$can time"
      try "$tool$suffix" '-A FIREDRILL-PROBE -j NFQUEUE --queue-num 1' >/dev/null && can="$can queue"
      echo "ok $backend $tool$can"
    else echo "no $backend $tool $(echo "$said" | head -n 1)"; fi
  done
done
[ -e /proc/net/if_inet6 ] || echo "no-ipv6"
exit 0`;

interface ToolLine {
  readonly works: boolean;
  readonly isInstalled: boolean;
  readonly backend: Backend;
  readonly tool: string;
  /** What it can do beside, or why it does not work. */
  readonly rest: string;
}

function parse(output: string): readonly ToolLine[] {
  return output.split('\n').flatMap(text => {
    const [, state, backend, tool, said = ''] =
      /^(ok|no|absent) (nft|legacy|plain) (ip6?tables) ?(.*)$/.exec(text) ?? [];
    if (backend === undefined || tool === undefined) return [];
    const isInstalled = state !== 'absent';
    const rest = isInstalled ? said : 'is not installed';
    return [{works: state === 'ok', isInstalled, backend: backend as Backend, tool, rest}];
  });
}

/** Reads what the probe printed. Answers why there is nothing to filter with. */
export function filterToolsFrom(output: string): FilterTools | {readonly why: string} {
  const lines = parse(output);
  const four = lines.find(({works, tool}) => works && tool === 'iptables');
  if (four === undefined) {
    const why = lines.find(({works, isInstalled}) => !works && isInstalled) ?? lines[0];
    return {why: why === undefined ? 'iptables is not installed' : `${why.tool} ${why.rest}`};
  }
  const six = lines.find(({works, tool, backend}) => works && tool === 'ip6tables' && backend === four.backend);
  if (six === undefined && !output.includes('no-ipv6')) {
    const said = lines.find(({tool, backend}) => tool === 'ip6tables' && backend === four.backend);
    return {why: `ip6tables ${said?.rest ?? 'is not installed'}: IPv6 would pass`};
  }
  const both = six === undefined ? [four] : [four, six];
  return {
    backend: four.backend,
    families: six === undefined ? [4] : [4, 6],
    hasTime: both.every(({rest}) => rest.includes('time')),
    hasQueue: both.every(({rest}) => rest.includes('queue')),
  };
}
