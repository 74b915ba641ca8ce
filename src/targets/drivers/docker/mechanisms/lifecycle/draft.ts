import {constants} from 'node:os';
import type {JsonObject} from '../../../../../quantities/json.js';
import {FiredrillError} from '../../../../../system/error.js';
import type {Change, Drafts, Heal, TargetRef} from '../../../../contract.js';
import type {ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {hostPid} from '../../engine/host-pid.js';
import {Draft, draftSignal, runningContainer, unsuitable} from '../drafting.js';
import {hostAdvice} from '../../engine/host-pid.js';

/** How long a request may still take effect after its client died. */
const IN_FLIGHT_MS = 5_000;

const RUNNING = {claims: ['running'], touches: ['running'], keeper: 'guardian'} as const;

async function pause(engine: Engine, target: TargetRef): Promise<Change> {
  const draft = new Draft(engine, await runningContainer(engine, target));
  const proof = draft.op('is-paused');
  return {
    target: draft.ref,
    summary: `freeze every process of container ${draft.ref.name} (docker pause)`,
    flip: draft.op('container.pause'),
    proof,
    undo: {
      ...draft.op('container.unpause'),
      lifetime: 'incarnation',
      proof,
      manual: draft.manual('unpause', draft.ref.name),
      inFlightMs: IN_FLIGHT_MS,
    },
    claims: ['running'],
    touches: ['paused'],
    keeper: 'guardian',
  };
}

/** What puts an ended container back; one that the engine removes as it ends cannot be. */
function startAgain(draft: Draft, view: ContainerView, inFlightMs: number): Change['undo'] {
  if (view.autoRemove) {
    return {irreversible: `${view.name} was started with --rm: the engine removes it when it ends`};
  }
  return {
    ...draft.op('container.start'),
    lifetime: 'object',
    proof: draft.op('is-down'),
    manual: draft.manual('start', view.name),
    inFlightMs,
  };
}

/** The restart policy would start it again after a crash. */
export function restartsAfterCrash(view: ContainerView): boolean {
  const {name, maximum} = view.restartPolicy;
  if (name === 'on-failure') return maximum === 0 || view.restarts < maximum;
  return name === 'always' || name === 'unless-stopped';
}

/** Whether the kill has to look like a crash. Throws when the file insists on it and it cannot be had. */
function killsAsCrash(engine: Engine, view: ContainerView, target: TargetRef, heal: Heal): boolean {
  if (heal === 'undo') return false;
  const found = hostPid(engine, view);
  const restarts = restartsAfterCrash(view);
  if (heal === 'default') return restarts && 'pid' in found;
  if (!restarts) {
    const policy = view.restartPolicy.name;
    throw unsuitable(
      target,
      `is expected to have a restart policy for \`heal: platform\`; its policy is \`${policy}\``,
      'Write `heal: undo`, or start it with `--restart`.',
    );
  }
  if ('why' in found) {
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      `\`heal: platform\` needs a kill that looks like a crash (after \`docker kill\` no restart policy fires): ${found.why}`,
      {hint: `${hostAdvice(engine)}, or write \`heal: undo\`.`},
    );
  }
  return true;
}

async function engineTime(engine: Engine): Promise<string> {
  const {SystemTime: now} = await engine.info(draftSignal());
  return now ?? new Date().toISOString();
}

async function kill(
  engine: Engine,
  target: TargetRef,
  options: Parameters<Drafts['lifecycle']['kill']>[1],
): Promise<Change> {
  const view = await runningContainer(engine, target);
  const draft = new Draft(engine, view);
  const signal = options.signal.startsWith('SIG') ? options.signal : `SIG${options.signal}`;
  if (!(signal in constants.signals)) throw unsuitable(target, `cannot be sent \`${options.signal}\`: no such signal`);
  const crash = killsAsCrash(engine, view, target, options.heal);
  const args: JsonObject = {signal, incarnation: view.startedAt};
  // Only a signal that can be handled needs the engine's events to be seen.
  const since: JsonObject = signal === 'SIGKILL' ? {} : {since: await engineTime(engine)};
  return {
    target: draft.ref,
    summary: crash
      ? `send ${signal} to process ${view.pid} of container ${view.name}, as a crash (restart policy ${view.restartPolicy.name})`
      : `send ${signal} to container ${view.name} (docker kill)`,
    flip: draft.op(crash ? 'container.crash' : 'container.kill', args),
    proof: draft.op('has-happened', {...args, ...since, by: crash ? 'crash' : 'engine'}),
    undo: options.nothing === undefined ? startAgain(draft, view, IN_FLIGHT_MS) : {nothing: options.nothing},
    platformHeals: crash && options.nothing === undefined,
    ...RUNNING,
  };
}

async function stop(engine: Engine, target: TargetRef, options: {graceMs: number; heal: Heal}): Promise<Change> {
  const view = await runningContainer(engine, target);
  const draft = new Draft(engine, view);
  if (options.heal === 'platform') {
    throw unsuitable(
      target,
      "cannot be healed by its platform after a `stop`: the engine takes it for a person's wish and no restart policy fires",
      'Write `heal: undo`, or use `kill`.',
    );
  }
  return {
    target: draft.ref,
    summary: `stop container ${view.name}, ${options.graceMs / 1000} s grace (docker stop)`,
    flip: draft.op('container.stop', {graceMs: options.graceMs, incarnation: view.startedAt}),
    proof: draft.op('has-happened', {incarnation: view.startedAt}),
    undo: startAgain(draft, view, options.graceMs + IN_FLIGHT_MS),
    platformHeals: false,
    ...RUNNING,
  };
}

/** The engine starts it again itself, also one with --rm; the undo is owed in case it stops half-way. */
async function restart(engine: Engine, target: TargetRef, options: {graceMs: number}): Promise<Change> {
  const view = await runningContainer(engine, target);
  const draft = new Draft(engine, view);
  return {
    target: draft.ref,
    summary: `restart container ${view.name}, ${options.graceMs / 1000} s grace (docker restart)`,
    flip: draft.op('container.restart', {graceMs: options.graceMs, incarnation: view.startedAt}),
    proof: draft.op('has-happened', {incarnation: view.startedAt}),
    undo: startAgain(draft, {...view, autoRemove: false}, options.graceMs + IN_FLIGHT_MS),
    platformHeals: true,
    ...RUNNING,
  };
}

export function lifecycleDrafts(engine: Engine): Drafts['lifecycle'] {
  return {
    pause: target => pause(engine, target),
    kill: (target, options) => kill(engine, target, options),
    stop: (target, options) => stop(engine, target, options),
    restart: (target, options) => restart(engine, target, options),
  };
}
