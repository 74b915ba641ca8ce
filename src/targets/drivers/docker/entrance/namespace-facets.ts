import type {JsonObject} from '../../../../quantities/json.js';
import type {ContainerView} from '../engine/container.js';
import type {Engine} from '../engine/engine.js';
import {entranceOf} from './entrance.js';
import {entranceTo} from './run.js';

const HEADER = '==';

/**
 * Both families and both backends, and what shapes the traffic. The legacy tools make a table by looking at it, so they
 * are asked only where the kernel lists one.
 */
const SCRIPT = `
for tool in iptables ip6tables; do
  for save in "$tool-nft-save" "$tool-save"; do
    command -v "$save" >/dev/null 2>&1 && { echo "${HEADER} $tool"; "$save" 2>/dev/null; break; }
  done
done
for tool in iptables ip6tables; do
  case $tool in iptables) names=/proc/net/ip_tables_names;; *) names=/proc/net/ip6_tables_names;; esac
  read -r name <$names || continue
  command -v "$tool-legacy-save" >/dev/null 2>&1 && { echo "${HEADER} $tool-legacy"; "$tool-legacy-save" 2>/dev/null; }
done 2>/dev/null
echo "${HEADER} qdiscs"
tc qdisc show 2>/dev/null
exit 0`;

/** The engine's own name service redirects with ports that are drawn at every start. */
const OF_THE_ENGINE = /DOCKER_|127\.0\.0\.11/;

/** Rules, chains that someone made and policies that someone set; without counters and what is there by itself. */
function rulesFrom(lines: readonly string[]): readonly string[] {
  let table = '';
  return lines.flatMap(line => {
    if (line.startsWith('*')) table = line.slice(1);
    if (OF_THE_ENGINE.test(line)) return [];
    const [, chain, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (chain !== undefined) return policy === 'ACCEPT' ? [] : [`${table} ${chain} ${policy ?? ''}`];
    return line.startsWith('-A ') ? [`${table} ${line}`] : [];
  });
}

/** Those that someone set: the kernel gives its own the handle 0. */
function qdiscsFrom(lines: readonly string[]): readonly string[] {
  return lines
    .map(line => line.replace(/ refcnt \d+/, '').trim())
    .filter(line => /^qdisc \S+ \S+:/.test(line) && !/^qdisc \S+ 0:/.test(line));
}

/** Reads what the script printed. */
export function namespaceFacetsFrom(output: string): JsonObject {
  const firewall: Record<string, readonly string[]> = {};
  let qdiscs: readonly string[] = [];
  for (const part of output.split(`${HEADER} `).slice(1)) {
    const [name = '', ...lines] = part.split('\n');
    if (name === 'qdiscs') qdiscs = qdiscsFrom(lines);
    else {
      const rules = rulesFrom(lines);
      if (rules.length > 0) firewall[name] = rules;
    }
  }
  return {firewall, qdiscs};
}

/**
 * What stands in the network namespaces of the containers, one answer each: `firewall` and `qdiscs`. Empty where they
 * cannot be entered by `nsenter`: a helper container for a look at what nobody may have touched would be too much.
 */
export async function readNamespaces(
  engine: Engine,
  views: readonly (ContainerView | 'gone' | undefined)[],
  signal: AbortSignal,
): Promise<readonly JsonObject[]> {
  const entered = views.flatMap((view, index) => {
    if (view === undefined || view === 'gone' || !view.running) return [];
    return entranceOf(engine, view).kind === 'nsenter' ? [{view, index}] : [];
  });
  const ran = await entranceTo(engine).run(
    entered.map(({view}) => ({place: view, script: SCRIPT})),
    {signal},
  );
  // One that does not run has no namespace, and so no rules.
  const nothing: JsonObject = entranceOf(engine).kind === 'nsenter' ? {firewall: {}, qdiscs: []} : {};
  const answers = views.map(view => (view !== undefined && view !== 'gone' && !view.running ? nothing : {}));
  entered.forEach(({index}, nth) => {
    const one = ran[nth];
    if (one?.code === 0) answers[index] = namespaceFacetsFrom(one.stdout);
  });
  return answers;
}
