import {FiredrillError} from '../system/error.js';
import {targetKey, type TargetRef} from '../targets/target.js';
import type {Plan} from '../plan/plan.js';
import type {Ports} from '../ports.js';
import {reserve} from './safety/reserve.js';
import {RunState, type World} from './safety/state.js';

export const FIRST_EPOCH = 1;

interface NewRun {
  readonly plan: Plan;
  readonly run: string;
  readonly folder: string;
  readonly host: string;
  readonly ports: Ports;
}

/**
 * Reserves the targets and becomes the writer.
 * @throws FiredrillError RUN_ALIVE, or TARGET_LOCKED when another run has one of them.
 */
export async function claimNewRun({ports, run, folder, host, plan}: NewRun): Promise<RunState> {
  const state = new RunState(ports, run);
  const hit = hitTargets(plan);
  const targets = hit.map(({driver, endpoint, object, name}) => ({driver, endpoint, object, name}));
  const identity = {run, folder, host, createdAt: ports.clock.now(), worlds: worldsOf(plan), targets};
  const taken = () =>
    new FiredrillError('RUN_ALIVE', `Expected the name \`${run}\` to be free; there is a run of that name.`);
  if (!(await state.create(identity))) throw taken();
  try {
    await reserve(ports, run, hit);
  } catch (error) {
    await state.remove();
    throw error;
  }
  if (!(await state.claim(FIRST_EPOCH, 'runner'))) throw taken();
  return state;
}

/** Everything that is hit. A target that several occurrences hit is one target. */
export function hitTargets({occurrences}: Plan): readonly TargetRef[] {
  const refs = occurrences.flatMap(fault => fault.hit.map(candidate => candidate.ref));
  return [...new Map(refs.map(ref => [targetKey(ref), ref])).values()];
}

/** Where the plan makes changes: whoever cannot read the ledger finds the marks there. */
function worldsOf({targets, occurrences, around: {prepare, cleanup}}: Plan): readonly World[] {
  const worlds = [
    ...[...targets.values()]
      .filter(({provision}) => provision)
      .map(({spec, address}) => ({driver: spec.driver, address})),
    ...[...occurrences.flatMap(({changes}) => changes), ...prepare, ...cleanup].map(({change, address}) => ({
      driver: change.target.driver,
      address,
    })),
  ];
  return [...new Map(worlds.map(world => [JSON.stringify(world), world])).values()];
}
