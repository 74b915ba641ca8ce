import {BlockList} from 'node:net';
import type {JsonObject} from '../../../../../quantities/json.js';
import {parseAddressBlock, type AddressBlock} from '../../../../packets.js';
import {readingsOf, type ContainerView} from '../../engine/container.js';
import {IN_FLIGHT, type Engine} from '../../engine/engine.js';
import {mapInFlight} from '../../../../../system/in-flight.js';
import {renewHolder} from '../../entrance/holder.js';
import {complaintOf, type Ran} from '../../../../linux/entrance.js';
import {readNeighbours} from '../../entrance/neighbours.js';
import {resolveNames} from '../../entrance/resolve.js';
import {entranceTo} from '../../entrance/run.js';
import {heldQuestion, holding, releasing} from '../holding.js';
import {scripted, scriptedQuestion} from '../inside.js';
import {numberArgument, type AskedContainer, type Operation, type ContainerQuestion} from '../operation.js';
import {judgeRules, leftOf} from '../../../../linux/partition/proof.js';
import type {RuleSet} from '../../../../linux/partition/rules.js';
import {
  flipScript,
  prepareScript,
  readScript,
  readTables,
  renewScript,
  undoScript,
} from '../../../../linux/partition/scripts.js';
import type {ProofAnswer} from '../../../../contract.js';

/** Whom the rules are about, so that a proof can tell whether they still are. */
export interface Covered {
  readonly peers: readonly {readonly id: string; readonly name: string}[];
  readonly names: readonly string[];
}

/**
 * The arguments of all operations and questions: the rules; the container's pid; `kernelHoldMs`, after which the kernel
 * lets go, where it can; `helperHoldMs`, after which the helper container that holds them does, where there is one.
 */
function rulesOf(args: JsonObject): RuleSet {
  return args['rules'] as unknown as RuleSet;
}

function coveredBy(args: JsonObject): Covered {
  return (args['covers'] ?? {peers: [], names: []}) as unknown as Covered;
}

function tagOf(args: JsonObject): string | undefined {
  return isRemote(args) ? rulesOf(args).tag : undefined;
}

/** Drafted for a helper container: the clock there need not be ours. */
function isRemote(args: JsonObject): boolean {
  return numberArgument(args, 'helperHoldMs') !== undefined;
}

const prepare = holding(scripted({isBound: true, script: (args, run) => prepareScript(rulesOf(args), run)}), args => {
  const holdMs = numberArgument(args, 'helperHoldMs');
  const rules = rulesOf(args);
  return holdMs === undefined ? undefined : {tag: rules.tag, undo: undoScript(rules), holdMs};
});

/** Both who would let go by themselves: the kernel and the helper container. */
const renew: NonNullable<Operation['renew']> = async (engine, ops, ms, sending) => {
  const timed = ops.filter(({args}) => numberArgument(args, 'kernelHoldMs') !== undefined);
  const longer = scripted({
    isBound: true,
    script: (args, run) => renewScript(rulesOf(args), run, {ms, now: isRemote(args) ? undefined : Date.now()}),
  });
  await longer.sendAll?.(engine, timed, sending);
  const tags = ops.flatMap(({args}) => tagOf(args) ?? []);
  await mapInFlight(tags, IN_FLIGHT, tag => renewHolder(engine, tag, ms));
};

export const operations: Readonly<Record<string, Operation>> = {
  'partition.prepare': prepare,
  'partition.flip': scripted({
    isBound: true,
    script: (args, run) => {
      const ms = numberArgument(args, 'kernelHoldMs');
      const now = isRemote(args) ? undefined : Date.now();
      return flipScript(rulesOf(args), run, ms === undefined ? undefined : {ms, now});
    },
  }),
  'partition.undo': {
    ...releasing(scripted({isBound: false, script: args => undoScript(rulesOf(args))}), tagOf),
    renew,
  },
};

function unreadable(why: string): ProofAnswer {
  return {state: 'unknown', readings: {}, why};
}

/** An address that the rules ought to be about by now and are not; undefined when there is none. */
function uncovered(rules: RuleSet, now: readonly AddressBlock[]): string | undefined {
  if (rules.blocks === undefined) return undefined;
  const list = new BlockList();
  const family = (of: 4 | 6) => (of === 4 ? 'ipv4' : 'ipv6');
  for (const text of [...rules.blocks[4], ...rules.blocks[6]]) {
    const block = parseAddressBlock(text);
    if (block !== undefined) list.addSubnet(block.address, block.prefix, family(block.family));
  }
  return now.find(({address, family: of}) => !list.check(address, family(of)))?.address;
}

/** What the rules themselves say. */
function standing(rules: RuleSet, view: ContainerView, ran: Ran): ProofAnswer {
  if (ran.code !== 0) return unreadable(complaintOf(ran));
  const {state, packets, why} = judgeRules(rules, readTables(ran.stdout));
  const readings = {...readingsOf(view), chains: `FIREDRILL-${rules.tag}`, packets};
  return {state, readings, exercised: state === 'in-force' ? packets : null, ...(why === undefined ? {} : {why})};
}

type Running = AskedContainer & {readonly view: ContainerView};

/** Where those whom each rule set is about are now. One that does not run, or does not resolve, is nowhere. */
async function whereabouts(
  engine: Engine,
  asked: readonly Running[],
  signal: AbortSignal,
): Promise<readonly (readonly AddressBlock[])[]> {
  const covered = asked.map(({args}) => coveredBy(args));
  if (covered.every(({peers, names}) => peers.length + names.length === 0)) return asked.map(() => []);
  const neighbours = await readNeighbours(engine, signal);
  const wanted = asked.map(({view}, index) => ({view, names: covered[index]?.names ?? []}));
  const named = await resolveNames(engine, wanted, signal, neighbours);
  return asked.map(({view}, index) => {
    const self = neighbours.find({id: view.id, name: view.name});
    const peers = (covered[index]?.peers ?? []).flatMap(peer => neighbours.find(peer) ?? []);
    const addresses = self === undefined ? [] : peers.flatMap(peer => neighbours.addresses(peer, self));
    return [...addresses.flatMap(address => parseAddressBlock(address) ?? []), ...(named[index]?.blocks ?? [])];
  });
}

/** Present, complete, first in their hooks, and still about those who were meant. */
const askAll: NonNullable<ContainerQuestion['askAll']> = async (engine, asked, signal) => {
  const running = asked.flatMap((one, index) =>
    one.view !== 'gone' && one.view.running ? [{...one, view: one.view, index}] : [],
  );
  const answers = asked.map(({view}): ProofAnswer => {
    if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}, why: 'the container no longer exists'};
    return {state: 'absent', readings: readingsOf(view), why: `the container is \`${view.status}\``};
  });
  const jobs = running.map(({view, args}) => ({place: view, script: readScript(rulesOf(args), isRemote(args))}));
  const [ran, now] = await Promise.all([entranceTo(engine).run(jobs, {signal}), whereabouts(engine, running, signal)]);
  running.forEach(({view, args, index}, nth) => {
    const rules = rulesOf(args);
    const one = ran[nth];
    const said = one === undefined ? unreadable('it was not run') : standing(rules, view, one);
    const missed = said.state === 'in-force' ? uncovered(rules, now[nth] ?? []) : undefined;
    answers[index] =
      missed === undefined
        ? said
        : {...said, state: 'absent', why: `one whom it cuts off is at ${missed} now, which its rules do not cover`};
  });
  return answers;
};

const isCut: ContainerQuestion = Object.assign(
  (async ({engine, signal, ...one}) => {
    const [answer] = await askAll(engine, [one], signal);
    return answer ?? unreadable('there was no answer');
  }) satisfies ContainerQuestion,
  {askAll},
);

const isLeft = scriptedQuestion({
  script: args => readScript(rulesOf(args)),
  judge: (stdout, args) => {
    const left = leftOf(rulesOf(args), readTables(stdout).tables);
    return {state: left.length > 0 ? 'in-force' : 'absent', readings: {left}};
  },
});

export const questions: Readonly<Record<string, ContainerQuestion>> = {
  'is-cut-off': isCut,
  'is-cut-left': heldQuestion(isLeft, tagOf),
};
