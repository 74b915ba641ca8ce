import {createHash} from 'node:crypto';
import type {JsonObject} from '../../../quantities/json.js';
import {FiredrillError} from '../../../system/error.js';
import {statOf, type ProcessIdentity} from '../../../system/processes.js';
import type {Ambient, Op, TargetRef} from '../../contract.js';
import type {StressRefusal} from '../../linux/stress-plan.js';
import {identityFrom, incarnationOf, isOwn, locate, NOT_STARTED} from './objects.js';
import {VERSION} from './operations.js';

export function op(name: string, ref: TargetRef, args: JsonObject = {}): Op {
  return {op: `process.${name}`, v: VERSION, ref, args};
}

/**
 * The target as it runs now: a change is drafted for one incarnation. One that is not started yet keeps saying so.
 * @throws FiredrillError TARGET_NONE, TARGET_UNSUITABLE or CAPABILITY_MISSING.
 */
export async function present(t: TargetRef, ambient: Ambient): Promise<TargetRef> {
  const who = await locate(t.object, isOwn(t.object, ambient.stateDir));
  if (who === undefined) {
    if (t.incarnation === NOT_STARTED) return t;
    throw new FiredrillError('TARGET_NONE', `Expected \`${t.name}\` (${t.object}) to run; it has ended.`, {
      hint: 'Start it, or let Firedrill start it with `start` in the selector.',
    });
  }
  checkRights(t, who);
  if ((await statOf(who.pid))?.state === 'T')
    throw new FiredrillError('TARGET_UNSUITABLE', `Expected \`${t.name}\` to run; pid ${who.pid} is stopped already.`, {
      hint: `Continue it first: kill -CONT ${who.pid}`,
    });
  return {...t, incarnation: incarnationOf(who)};
}

function checkRights(t: TargetRef, who: ProcessIdentity): void {
  try {
    process.kill(who.pid, 0);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPERM')) return;
    throw new FiredrillError('CAPABILITY_MISSING', `Not allowed to send signals to \`${t.name}\` (pid ${who.pid}).`, {
      hint: 'Run Firedrill as the user who owns the process.',
      cause,
    });
  }
}

/** "pid 4242 (node server.js)"; what has no pid yet by its name alone: that is still true once it is started. */
export function called(t: TargetRef): string {
  const who = identityFrom(t.incarnation);
  return who === undefined ? t.name : `pid ${who.pid} (${t.name})`;
}

/** Names what a change puts into the world: the same in plan, proof and undo, another one for another change. */
export function tagOf(t: TargetRef, fault: string, parameters: unknown): string {
  const text = JSON.stringify([t.object, t.incarnation, fault, parameters]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

export function unsuitable(t: TargetRef, problem: string, hint?: string): FiredrillError {
  return new FiredrillError('TARGET_UNSUITABLE', `process \`${t.name}\` ${problem}`, {hint});
}

/** The plan, or its refusal as an error about this target. @throws FiredrillError TARGET_UNSUITABLE */
export function accepted<T extends object>(t: TargetRef, plan: T | StressRefusal): T {
  if ('problem' in plan) throw unsuitable(t, plan.problem, plan.hint);
  return plan;
}

/** @throws FiredrillError CAPABILITY_MISSING where there is no /proc. */
export function needLinux(fault: string): void {
  if (process.platform === 'linux') return;
  throw new FiredrillError(
    'CAPABILITY_MISSING',
    `\`${fault}\` on processes needs Linux; this is ${process.platform}.`,
    {
      hint: 'Run the service in a container and hit that, or run Firedrill on Linux.',
    },
  );
}
