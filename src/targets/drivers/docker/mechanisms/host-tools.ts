import {createHash} from 'node:crypto';
import {FiredrillError} from '../../../../system/error.js';
import type {StressRefusal} from '../../../linux/stress-plan.js';
import type {TargetRef} from '../../../contract.js';
import type {ContainerView} from '../engine/container.js';
import type {Engine} from '../engine/engine.js';
import {hostAdvice, hostPid} from '../engine/host-pid.js';
import {unsuitable} from './drafting.js';

/** Names what a change puts into the world: the same in plan, proof and undo, another one for another change. */
export function tagOf(view: ContainerView, fault: string, parameters: unknown): string {
  const text = JSON.stringify([view.id, view.startedAt, fault, parameters]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/**
 * The container's first process as a pid of this machine.
 * @throws FiredrillError CAPABILITY_MISSING where it is not to be had.
 */
export function needHostPid(engine: Engine, view: ContainerView, what: string, instead: string): number {
  const found = hostPid(engine, view);
  if ('pid' in found) return found.pid;
  throw new FiredrillError(
    'CAPABILITY_MISSING',
    `${what} of container \`${view.name}\` needs its host: ${found.why}.`,
    {
      hint: `${hostAdvice(engine)}${instead === '' ? '' : `, or ${instead}`}.`,
    },
  );
}

/** The plan, or its refusal as an error about this target. @throws FiredrillError TARGET_UNSUITABLE */
export function accepted<T extends object>(target: TargetRef, plan: T | StressRefusal): T {
  if ('problem' in plan) throw unsuitable(target, plan.problem, plan.hint);
  return plan;
}
