import {FiredrillError} from '../../system/error.js';
import {isRunId} from '../../targets/debt.js';
import type {Ports} from '../../ports.js';
import {Actuators} from './actuators.js';
import {knownRuns, RunState, type World} from './state.js';

const POLL_MS = 200;

/** Asks live runs of this user to stop (one, or all) and returns their names. @throws FiredrillError RUN_UNKNOWN. */
export async function requestStop(ports: Ports, run: string | undefined): Promise<readonly string[]> {
  const live: RunState[] = [];
  for (const state of await knownRuns(ports)) {
    if ((run === undefined || state.run === run) && (await state.isLive())) live.push(state);
  }
  if (live.length === 0 && run !== undefined) {
    throw new FiredrillError('RUN_UNKNOWN', `Expected a live run; \`${run}\` is none.`, {
      hint: 'firedrill recover lists what is owed; from another machine add --docker, --proxy or --kubernetes.',
    });
  }
  await Promise.all(live.map(state => state.requestStop()));
  return live.map(state => state.run);
}

/** Leaves a mark in the world that the run polls: for a run of another machine. */
export async function requestStopInWorld(ports: Ports, run: string, world: World): Promise<void> {
  if (!isRunId(run)) throw new FiredrillError('RUN_UNKNOWN', `Expected the name of a run; got \`${run}\`.`);
  // Whoever only asks owns no epoch that could be lost.
  const actuators = new Actuators(ports, {run, epoch: 0, live: () => true, refresh: () => Promise.resolve(true)});
  try {
    await (await actuators.get(world.driver, world.address)).requestStop(run);
  } finally {
    await actuators.close();
  }
}

/** Waits until none of the runs is live any more; returns those that still are after `withinMs`. */
export async function awaitStopped(
  ports: Ports,
  runs: readonly string[],
  withinMs: number,
): Promise<readonly string[]> {
  const deadline = ports.clock.mono() + withinMs * 1000;
  let left = runs;
  while (left.length > 0 && ports.clock.mono() < deadline) {
    await ports.clock.sleep(POLL_MS);
    const alive = await Promise.all(left.map(run => new RunState(ports, run).isLive()));
    left = left.filter((_, i) => alive[i]);
  }
  return left;
}
