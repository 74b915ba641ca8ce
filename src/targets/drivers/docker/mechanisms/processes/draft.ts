import type {JsonObject} from '../../../../../quantities/json.js';
import {FiredrillError} from '../../../../../system/error.js';
import type {Change, Drafts, Heal, ProcessChoice, TargetRef} from '../../../../contract.js';
import {
  choiceArguments,
  claimsOn,
  listed,
  matching,
  namesOf,
  wanted,
  type InnerProcess,
} from '../../../inner-processes.js';
import type {ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {messageOf} from '../../engine/failures.js';
import {innerProcesses, seenFromHere} from './find.js';
import {Draft, draftSignal, runningContainer, unsuitable} from '../drafting.js';
import {restartsAfterCrash} from '../lifecycle/draft.js';
import {hostAdvice} from '../../engine/host-pid.js';

/** How long a request may still take effect after its client died. */
const IN_FLIGHT_MS = 5_000;
/** What the container gets to end before it is killed and started again, ms. */
const RESTART_GRACE_MS = 5_000;

interface ChosenInContainer {
  readonly view: ContainerView;
  readonly draft: Draft;
  /** Which of them are hit. */
  readonly hit: readonly InnerProcess[];
  /** How many match in all. */
  readonly before: number;
}

async function listProcesses(engine: Engine, view: ContainerView): Promise<readonly InnerProcess[]> {
  try {
    return await innerProcesses(engine, view, draftSignal());
  } catch (error) {
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      `The processes of container \`${view.name}\` cannot be listed: ${messageOf(error)}`,
      {
        hint: `${hostAdvice(engine)}, or use an image with \`sh\` and \`cat\`; \`pause\` and \`kill\` hit the whole container.`,
        cause: error,
      },
    );
  }
}

/** The exact processes. Throws when there is none, or when one of them cannot be hit. */
async function choose(engine: Engine, target: TargetRef, choice: ProcessChoice): Promise<ChosenInContainer> {
  const view = await runningContainer(engine, target);
  const all = await listProcesses(engine, view);
  const found = matching(all, choice);
  if (found.length === 0) {
    const main = all.find(one => one.main && matching([one], {...choice, includeMain: true}).length > 0);
    throw unsuitable(
      target,
      `is expected to run a process ${wanted(choice)}; it runs ${all.length === 0 ? 'none' : listed(all)}`,
      main === undefined
        ? undefined
        : 'Its main process matches: write `includeMain: true`, or hit the container itself.',
    );
  }
  if (choice.count !== undefined && found.length < choice.count) {
    throw unsuitable(
      target,
      `is expected to run ${choice.count} processes ${wanted(choice)}; it runs ${found.length}: ${listed(found)}`,
    );
  }
  const hit = found.slice(0, choice.count);
  if (hit.some(({main}) => main) && !seenFromHere(engine, view)) {
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      `The main process of container \`${view.name}\` takes no such signal from inside its own namespace.`,
      {hint: `${hostAdvice(engine)}, or hit the container with \`pause\` or \`kill\`.`},
    );
  }
  return {view, draft: new Draft(engine, view), hit, before: found.length};
}

function counted(hit: readonly InnerProcess[]): string {
  return hit.length === 1 ? 'process' : `${hit.length} processes`;
}

async function pause(engine: Engine, target: TargetRef, choice: ProcessChoice): Promise<Change> {
  const {view, draft, hit} = await choose(engine, target, choice);
  const stopped = hit.filter(({state}) => state === 'T');
  if (stopped.length > 0) {
    throw unsuitable(target, `is expected to run these processes; stopped already: ${listed(stopped)}`);
  }
  const args: JsonObject = {incarnation: view.startedAt, processes: namesOf(hit)};
  const pids = hit.map(one => String(one.hostPid ?? one.pid));
  const manual = seenFromHere(engine, view)
    ? `kill -CONT ${pids.join(' ')}`
    : draft.manual('exec', view.name, 'kill', '-CONT', ...pids);
  return {
    target: draft.ref,
    summary: `send SIGSTOP to ${counted(hit)} ${listed(hit)} of container ${view.name}`,
    flip: draft.op('processes.signal', {...args, signal: 'STOP'}),
    proof: draft.op('are-stopped', args),
    undo: {
      ...draft.op('processes.continue', args),
      lifetime: 'incarnation',
      proof: draft.op('any-stopped', args),
      manual,
      inFlightMs: IN_FLIGHT_MS,
    },
    claims: claimsOn(hit),
    touches: [],
    keeper: 'guardian',
  };
}

/** A restart brings back what a container starts with; a supervisor inside may have done it by then. */
function undoOf({view, draft, hit, before}: ChosenInContainer, choice: ProcessChoice): Change['undo'] {
  if (view.autoRemove && hit.some(({main}) => main)) {
    return {irreversible: `${view.name} was started with --rm: the engine removes it when its main process ends`};
  }
  return {
    ...draft.op('container.restart', {graceMs: RESTART_GRACE_MS, incarnation: view.startedAt}),
    lifetime: 'object',
    proof: draft.op('are-missing', {incarnation: view.startedAt, before, ...choiceArguments(choice)}),
    manual: draft.manual('restart', view.name),
    inFlightMs: RESTART_GRACE_MS + IN_FLIGHT_MS,
  };
}

async function kill(
  engine: Engine,
  target: TargetRef,
  {signal, heal, ...choice}: ProcessChoice & {signal: string; heal: Heal},
): Promise<Change> {
  const chosen = await choose(engine, target, choice);
  const {view, draft, hit} = chosen;
  const args: JsonObject = {incarnation: view.startedAt, processes: namesOf(hit), signal};
  const main = hit.some(one => one.main);
  return {
    target: draft.ref,
    summary: `send SIG${signal} to ${counted(hit)} ${listed(hit)} of container ${view.name}`,
    flip: draft.op('processes.signal', args),
    proof: draft.op('have-ended', args),
    undo: undoOf(chosen, choice),
    // Whether something inside starts them again only the author knows.
    platformHeals: heal === 'platform' || (heal === 'default' && main && restartsAfterCrash(view)),
    claims: claimsOn(hit),
    touches: ['running', 'restarts'],
    keeper: 'guardian',
  };
}

export function processDrafts(engine: Engine): Drafts['processes'] {
  return {
    pause: (target, choice) => pause(engine, target, choice),
    kill: (target, options) => kill(engine, target, options),
  };
}
