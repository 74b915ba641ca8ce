import {CHAIN_PREFIX, chainName, ruleCount, waysOf, type IpFamily, type RuleSet} from './rules.js';
import type {FilterTable, RulesView} from './scripts.js';

/** What the rules of a container say about a rule set. */
export interface RulesState {
  readonly state: 'in-force' | 'absent';
  /** Packets that were cut, since the rules are there. */
  readonly packets: number;
  readonly why?: string;
}

/** What is wrong with one family's rules; undefined when they do what they should. */
function defect(set: RuleSet, family: IpFamily, table: FilterTable, now: number): string | undefined {
  const version = `IPv${family}`;
  const chains = waysOf(set.filter).map(way => [chainName(set.tag, way), way] as const);
  const held = table.rules.filter(({chain}) => chains.some(([name]) => name === chain)).length;
  const complete = ruleCount(set, family);
  if (held !== complete) return `${held} of its ${complete} ${version} rules are there`;
  for (const [name, way] of chains) {
    const hook = way === 'ingress' ? 'INPUT' : 'OUTPUT';
    const inHook = table.rules.filter(({chain}) => chain === hook);
    const jump = inHook.findIndex(({text}) => text.endsWith(`-j ${name}`));
    if (jump < 0) return `no ${version} traffic is sent to its rules`;
    const before = inHook.slice(0, jump).find(({text}) => !text.includes(`-j ${CHAIN_PREFIX}`));
    if (before !== undefined) return `another ${version} rule stands before it: ${hook} ${before.text}`;
    const stop = /--datestop (\S+)/.exec(inHook[jump]?.text ?? '')?.[1];
    if (stop !== undefined && now >= Date.parse(`${stop}Z`))
      return `its deadline has passed: the kernel let go at ${stop} UTC`;
  }
  return undefined;
}

/** Judges a rule set by what stands in the filter tables of its container. */
export function judgeRules(set: RuleSet, {tables, hasIpv6, clock = Date.now()}: RulesView): RulesState {
  if (hasIpv6 && set.blocks === undefined && set.own === undefined && !set.families.includes(6)) {
    return {state: 'absent', packets: 0, why: 'it has got an IPv6 address since, and only IPv4 is cut'};
  }
  let packets = 0;
  for (const family of set.families) {
    const table = tables.get(family) ?? {chains: [], rules: []};
    const why = defect(set, family, table, clock);
    if (why !== undefined) return {state: 'absent', packets: 0, why};
    const ours = table.rules.filter(({chain}) => chain.startsWith(`${CHAIN_PREFIX}${set.tag}-`));
    packets += ours.filter(({text}) => !text.endsWith('-j RETURN')).reduce((sum, rule) => sum + rule.packets, 0);
  }
  return {state: 'in-force', packets};
}

/** What is left of a rule set: chains, or jumps to them. */
export function leftOf(set: RuleSet, tables: ReadonlyMap<IpFamily, FilterTable>): readonly string[] {
  const prefix = `${CHAIN_PREFIX}${set.tag}-`;
  return [...tables].flatMap(([family, {chains, rules}]) => [
    ...chains.filter(name => name.startsWith(prefix)).map(name => `IPv${family} chain ${name}`),
    ...rules.filter(({text}) => text.includes(`-j ${prefix}`)).map(({chain}) => `IPv${family} jump in ${chain}`),
  ]);
}
