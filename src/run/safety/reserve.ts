import {FiredrillError} from '../../system/error.js';
import {targetKey, type TargetRef} from '../../targets/target.js';
import type {Ports} from '../../ports.js';
import {FRESH_MS, knownRuns, type Reserved, type RunState} from './state.js';

const LOOK_EVERY_MS = 20;

/** A run of this user that means to hit one of some targets. */
interface Rival {
  readonly run: string;
  readonly target: Reserved;
  /** `starting`: it has not seen yet whether it may. */
  readonly state: 'live' | 'starting';
}

async function rivalOf(ports: Ports, state: RunState, wanted: ReadonlySet<string>): Promise<Rival | undefined> {
  const identity = await state.identity();
  const target = identity?.targets?.find(one => wanted.has(targetKey(one)));
  if (identity === undefined || target === undefined) return undefined;
  const {run} = state;
  if (await state.isLive()) return {run, target, state: 'live'};
  // Whoever ended in any way gives no signs of life, and nothing has to be taken away; who has just begun gives none
  // yet.
  const {mono, boot} = ports.clock.now();
  const isYoung = identity.createdAt.boot === boot && mono - identity.createdAt.mono < FRESH_MS * 1000;
  const {process} = (await state.owner()) ?? {};
  const isGone = process !== undefined && !(await ports.processes.isAlive(process));
  return isYoung && !isGone ? {run, target, state: 'starting'} : undefined;
}

async function rivalsFor(ports: Ports, targets: readonly TargetRef[], self?: string): Promise<readonly Rival[]> {
  const wanted = new Set(targets.map(targetKey));
  const others = (await knownRuns(ports)).filter(({run}) => run !== self);
  const rivals = await Promise.all(others.map(state => rivalOf(ports, state, wanted).catch(() => undefined)));
  return rivals.filter(rival => rival !== undefined);
}

function lockedBy({run, target}: Rival): FiredrillError {
  return new FiredrillError(
    'TARGET_LOCKED',
    `\`${target.name}\` is locked: run \`${run}\` is going on and hits it too; each would measure what the other one does.`,
    {hint: `Wait for its end, or stop it: firedrill stop ${run}`},
  );
}

/** Why these targets cannot be hit now: live runs of this user that mean to hit them, by their names. */
export async function reservedElsewhere(
  ports: Ports,
  targets: readonly TargetRef[],
): Promise<ReadonlyMap<string, FiredrillError>> {
  const live = (await rivalsFor(ports, targets)).filter(({state}) => state === 'live');
  return new Map(live.map(rival => [rival.run, lockedBy(rival)]));
}

/**
 * Looks whether a run that has just been created, its targets with it, may have them. Of two that start together the
 * one whose name comes first waits for the other one's look, and the other one gives way: so exactly one goes on. They
 * are free again when the run gives no signs of life any more.
 * @throws FiredrillError TARGET_LOCKED
 */
export async function reserve(ports: Ports, self: string, targets: readonly TargetRef[]): Promise<void> {
  const {clock} = ports;
  const until = clock.mono() + FRESH_MS * 1000;
  for (;;) {
    const rivals = await rivalsFor(ports, targets, self);
    const first = rivals.find(({state, run}) => state === 'live' || run < self);
    if (first !== undefined) throw lockedBy(first);
    if (rivals.length === 0 || clock.mono() > until) return;
    await clock.sleep(LOOK_EVERY_MS);
  }
}
