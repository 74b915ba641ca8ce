import type {JsonObject} from '../../../quantities/json.js';
import {FiredrillError} from '../../../system/error.js';
import type {Ambient, Change, Drafts, Heal, TargetRef} from '../../contract.js';
import {commandForShell, quoteForShell} from '../shell-words.js';
import {called, op, present} from './drafting.js';
import {addressOf, identityFrom, launchFrom, type Launch} from './objects.js';
import {resourceDrafts} from './resource-drafts.js';

/** What a stopped process of ours may take to end before it is killed, ms. */
const STOP_GRACE_MS = 5_000;

/** How long a process that a dying client started may take to become recognisable, ms. */
const SPAWN_MS = 1_000;

/** What drafting needs. */
export interface DraftContext {
  readonly ambient: Ambient;
  readonly launch: Launch | undefined;
  readonly supervised: boolean;
}

export function draftContext(address: JsonObject, ambient: Ambient): DraftContext {
  return {ambient, launch: launchFrom(address), supervised: address['supervised'] === true};
}

export function draftsFor(bench: DraftContext): Partial<Drafts> {
  const {ambient} = bench;
  return {
    lifecycle: {
      pause: async t => pause(await present(t, ambient)),
      kill: async (t, options) => kill(bench, await present(t, ambient), options),
      stop: async (t, {graceMs, heal}) => stop(bench, await present(t, ambient), graceMs, heal),
      restart: async (t, {graceMs}) => restart(bench, await present(t, ambient), graceMs),
    },
    provision: {start: (t, selector) => Promise.resolve(provision(t, selector))},
    ...resourceDrafts(ambient, bench.launch?.cwd),
  };
}

export const pidOf = (t: TargetRef) => identityFrom(t.incarnation)?.pid ?? 'PID';

function pause(target: TargetRef): Change {
  const proof = op('paused', target);
  return {
    target,
    summary: `SIGSTOP to ${called(target)}`,
    flip: op('pause', target),
    proof,
    undo: {
      ...op('resume', target),
      lifetime: 'incarnation',
      proof,
      manual: `kill -CONT ${pidOf(target)}`,
      inFlightMs: 0,
    },
    claims: ['running'],
    touches: ['paused'],
    keeper: 'guardian',
  };
}

/** What starts it again, as a person would type it. */
export function shellLine({argv, cwd, environment}: Launch): string {
  return `${commandForShell(argv, cwd, environment)} &`;
}

/** Brings a process back that was ended: by its start command, or by waiting for its supervisor. */
function revival({launch, supervised}: DraftContext, target: TargetRef): Exclude<Change['undo'], {nothing: string}> {
  if (launch === undefined && !supervised)
    return {
      irreversible: `nobody told how to start \`${target.name}\` again: give \`start\` (a command) in the selector`,
    };
  return {
    ...op('start', target, launch === undefined ? {} : {launch: launch as unknown as JsonObject}),
    lifetime: 'object',
    proof: op('down', target),
    manual: launch === undefined ? `start \`${target.name}\` with its supervisor` : shellLine(launch),
    inFlightMs: SPAWN_MS,
  };
}

/** What all faults that end a process have in common. */
function ending(bench: DraftContext, target: TargetRef, heal: Heal) {
  return {
    target,
    undo: revival(bench, target),
    platformHeals: bench.supervised && heal !== 'undo',
    claims: ['running'],
    touches: ['running', 'paused', 'cmdline'],
    keeper: 'guardian',
  } as const;
}

function kill(
  bench: DraftContext,
  target: TargetRef,
  {signal, heal, nothing}: Parameters<Drafts['lifecycle']['kill']>[1],
): Change {
  const args = signal === 'KILL' ? {} : {signal};
  return {
    ...ending(bench, target, heal),
    ...(nothing === undefined ? {} : {undo: {nothing}, platformHeals: false}),
    summary: `SIG${signal} to ${called(target)}`,
    ...(signal === 'KILL' ? {} : {prepare: op('forget-signal', target, args)}),
    flip: op('signal', target, {signal}),
    proof: op('ended', target, args),
  };
}

function stop(bench: DraftContext, target: TargetRef, graceMs: number, heal: Heal): Change {
  return {
    ...ending(bench, target, heal),
    summary: `SIGTERM to ${called(target)}, SIGKILL after ${graceMs} ms`,
    flip: op('stop', target, {graceMs}),
    proof: op('ended', target),
  };
}

function restart(bench: DraftContext, target: TargetRef, graceMs: number): Change {
  const {launch} = bench;
  const common = ending(bench, target, 'default');
  if ('irreversible' in common.undo)
    throw new FiredrillError(
      'TARGET_UNSUITABLE',
      `\`${target.name}\` cannot be restarted: ${common.undo.irreversible}.`,
    );
  const after = launch === undefined ? 'its supervisor starts it' : `then ${launch.argv.join(' ')}`;
  return {
    ...common,
    summary: `SIGTERM to ${called(target)}, SIGKILL after ${graceMs} ms, ${after}`,
    flip: op('restart', target, {graceMs, ...(launch === undefined ? {} : {launch: launch as unknown as JsonObject})}),
    proof: op('replaced', target),
  };
}

/** Starts what the file says Firedrill starts itself; the undo ends it with everything that it started. */
function provision(target: TargetRef, selector: JsonObject): Change {
  const launch = launchFrom(addressOf(selector));
  if (launch === undefined)
    throw new FiredrillError(
      'TARGET_UNSUITABLE',
      `Expected \`start\` in the selector of \`${target.name}\`; got none.`,
    );
  const proof = op('running', target);
  const pidFile = target.object.slice('pidfile:'.length);
  return {
    target,
    summary: `start ${launch.argv.join(' ')}`,
    flip: op('start', target, {launch: launch as unknown as JsonObject, readyOrNothing: true}),
    proof,
    undo: {
      ...op('terminate', target, {graceMs: STOP_GRACE_MS}),
      lifetime: 'object',
      proof,
      manual: `kill $(head -1 ${quoteForShell(pidFile)})`,
      inFlightMs: SPAWN_MS,
    },
    claims: ['started'],
    touches: ['running', 'paused', 'cmdline'],
    keeper: 'guardian',
  };
}
