import type {JsonObject} from '../../../quantities/json.js';
import {bootId} from '../../../system/clock.js';
import type {Change, Drafts, Heal, ProcessChoice, TargetRef} from '../../contract.js';
import {choiceArguments, claimsOn, listed, matching, namesOf, wanted, type InnerProcess} from '../inner-processes.js';
import {op, present, unsuitable} from './drafting.js';
import {shellLine, type DraftContext} from './drafts.js';
import {processTree} from './process-tree.js';
import {identityFrom} from './objects.js';

/** What the target gets to end before it is killed and started again, ms. */
const RESTART_GRACE_MS = 5_000;
const SPAWN_MS = 1_000;

/** `hit` is empty for a target that is not started yet: it is drafted again once it runs. */
interface ChosenProcesses {
  readonly target: TargetRef;
  readonly hit: readonly InnerProcess[];
  /** How many match in all. */
  readonly before: number;
}

async function choose(bench: DraftContext, t: TargetRef, choice: ProcessChoice): Promise<ChosenProcesses> {
  const target = await present(t, bench.ambient);
  const who = identityFrom(target.incarnation);
  if (who === undefined) return {target, hit: [], before: 0};
  const all = await processTree(who);
  const found = matching(all, choice);
  const fewest = choice.count ?? 1;
  if (found.length < fewest) {
    const runs = found.length === 0 ? all : found;
    const main = all.some(one => one.main && matching([one], {...choice, includeMain: true}).length > 0);
    throw unsuitable(
      target,
      `is expected to have ${fewest} ${fewest === 1 ? 'process' : 'processes'} below it ${wanted(choice)}; there are: ${listed(runs)}`,
      main && !choice.includeMain
        ? 'It matches itself: write `includeMain: true`, or use `pause` or `kill`.'
        : undefined,
    );
  }
  return {target, hit: found.slice(0, choice.count), before: found.length};
}

function called({target, hit}: ChosenProcesses, choice: ProcessChoice): string {
  if (hit.length === 0) return `processes ${wanted(choice)} of ${target.name}`;
  return `${hit.length === 1 ? 'process' : `${hit.length} processes`} ${listed(hit)} of ${target.name}`;
}

function argumentsFor(hit: readonly InnerProcess[]): JsonObject {
  return {processes: namesOf(hit), boot: bootId()};
}

async function pause(bench: DraftContext, t: TargetRef, choice: ProcessChoice): Promise<Change> {
  const chosen = await choose(bench, t, choice);
  const {target, hit} = chosen;
  const stopped = hit.filter(({state}) => state === 'T');
  if (stopped.length > 0) throw unsuitable(target, `is expected to run; stopped already: ${listed(stopped)}`);
  const args = argumentsFor(hit);
  return {
    target,
    summary: `SIGSTOP to ${called(chosen, choice)}`,
    flip: op('signal-inner', target, {...args, signal: 'STOP'}),
    proof: op('inner-stopped', target, args),
    undo: {
      ...op('continue-inner', target, args),
      // The children may outlive the target.
      lifetime: 'object',
      proof: op('any-inner-stopped', target, args),
      manual: `kill -CONT ${hit.map(({pid}) => pid).join(' ')}`,
      inFlightMs: 0,
    },
    claims: claimsOn(hit),
    touches: hit.some(({main}) => main) ? ['paused'] : [],
    keeper: 'guardian',
  };
}

/** Starting the target again brings its children back; where nobody told how, only the target itself can. */
function undoOf(
  {launch}: DraftContext,
  {target, before}: ChosenProcesses,
  choice: ProcessChoice,
  heal: Heal,
): Change['undo'] {
  const proof = op('inner-missing', target, {before, ...choiceArguments(choice)});
  const common = {lifetime: 'object', proof, inFlightMs: RESTART_GRACE_MS + SPAWN_MS} as const;
  if (launch !== undefined) {
    const args: JsonObject = {graceMs: RESTART_GRACE_MS, launch: launch as unknown as JsonObject};
    const pid = identityFrom(target.incarnation)?.pid ?? 'PID';
    return {...op('restart', target, args), ...common, manual: `kill ${pid}; ${shellLine(launch)}`};
  }
  if (heal !== 'platform') {
    return {
      irreversible: `nobody told how to start \`${target.name}\` again: give \`start\` in the selector, or say \`heal: platform\` where it starts its children again itself`,
    };
  }
  return {
    ...op('await-inner', target, {before, ...choiceArguments(choice)}),
    ...common,
    manual: `restart \`${target.name}\``,
  };
}

async function kill(
  bench: DraftContext,
  t: TargetRef,
  {signal, heal, ...choice}: ProcessChoice & {signal: string; heal: Heal},
): Promise<Change> {
  const chosen = await choose(bench, t, choice);
  const {target, hit} = chosen;
  const args: JsonObject = {...argumentsFor(hit), signal};
  const undo = undoOf(bench, chosen, choice, heal);
  return {
    target,
    summary: `SIG${signal} to ${called(chosen, choice)}`,
    flip: op('signal-inner', target, args),
    proof: op('inner-ended', target, args),
    undo,
    platformHeals: heal === 'platform' || (bench.supervised && heal === 'default' && hit.some(({main}) => main)),
    claims: claimsOn(hit),
    touches: ['running', 'paused', 'cmdline'],
    keeper: 'guardian',
  };
}

export function innerDrafts(bench: DraftContext): Drafts['processes'] {
  return {
    pause: (target, choice) => pause(bench, target, choice),
    kill: (target, options) => kill(bench, target, options),
  };
}
