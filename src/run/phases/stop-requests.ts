import type {Reader} from '../../targets/contract.js';
import type {Plan} from '../../plan/plan.js';
import {RunState} from '../safety/state.js';
import {pause} from '../stop-switch.js';
import type {RunContext} from '../context.js';

const LOOK_EVERY_MS = 500;
/** Marks in the world are asked for less often: each look is a request to an engine or a cluster. */
const LOOKS_PER_WORLD_LOOK = 6;

/** Watches for `firedrill stop`: a file in the state directory, or a mark in the world of a target. Never rejects. */
export async function watchStopRequests(context: RunContext, plan: Plan, signal: AbortSignal): Promise<void> {
  const {clock} = context.ports;
  const state = new RunState(context.ports, context.run);
  const readers = [...new Set([...plan.targets.values()].map(target => target.reader))];
  for (let look = 1; await pause(clock, LOOK_EVERY_MS, signal); look++) {
    const here = await state.stopRequested().catch(() => false);
    const elsewhere = look % LOOKS_PER_WORLD_LOOK === 0 && (await anyRequested(readers, context.run, signal));
    if (!here && !elsewhere) continue;
    context.stop.pull({
      kind: 'stopped',
      detail: here ? 'firedrill stop was called' : 'a stop mark was found beside a target',
    });
    return;
  }
}

async function anyRequested(readers: readonly Reader[], run: string, signal: AbortSignal): Promise<boolean> {
  const answers = await Promise.allSettled(readers.map(reader => reader.stopRequested(run, signal)));
  return answers.some(answer => answer.status === 'fulfilled' && answer.value);
}
