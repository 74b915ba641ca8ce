import {describeError, FiredrillError} from '../../system/error.js';
import type {Debt} from '../../targets/contract.js';
import type {Ports} from '../../ports.js';
import {Actuators} from './actuators.js';
import {byConnection} from './debts.js';
import {openFence} from './fence.js';
import type {OwedRun} from './recover.js';
import {RunState} from './state.js';
import {withMarks} from './takeover.js';

/** What a person has given up for good. */
export interface Forgotten {
  readonly run: string;
  /** Undos that nobody will carry out any more. */
  readonly abandoned: readonly Debt[];
  /** What was not understood, and is forgotten as well. */
  readonly unknown: readonly string[];
  /** Marks that could not be taken away: their targets stay locked. */
  readonly left: readonly string[];
}

/**
 * Forgets a run without undoing anything: its marks are taken away, so that its targets can be used again, then its
 * state.
 * @throws FiredrillError RUN_ALIVE when it lives, or somebody recovers it at this moment.
 */
export async function forgetRun(ports: Ports, owed: OwedRun): Promise<Forgotten> {
  const {run} = owed;
  const state = new RunState(ports, run);
  if (owed.live && owed.known === 'state')
    throw new FiredrillError('RUN_ALIVE', `Expected run \`${run}\` to be over; its owner gives signs of life.`, {
      hint: `Stop it first: firedrill stop ${run}`,
    });
  const worlds = (await state.identity())?.worlds;
  const {debts} = await withMarks(ports, run, {debts: owed.debts, lines: owed.unknown, worlds});
  const last = (await state.owner())?.epoch ?? 0;
  const epoch = Math.max(last, ...debts.map(debt => debt.epoch)) + 1;
  await ports.disk.makeFolder(state.folder);
  if (!(await state.claim(epoch, 'recover')))
    throw new FiredrillError('RUN_ALIVE', `Run \`${run}\` is being recovered by someone else.`);
  const actuators = new Actuators(ports, openFence(state, epoch));
  const left: string[] = [];
  try {
    for (const group of byConnection(debts)) {
      try {
        const [first] = group;
        if (first !== undefined) await (await actuators.forDebt(first)).forget(group);
      } catch (error) {
        left.push(...group.map(({undo}) => `${undo.ref.name} (${undo.ref.driver}): ${describeError(error)}`));
      }
    }
  } finally {
    await actuators.close();
  }
  await state.remove();
  return {run, abandoned: debts, unknown: owed.unknown, left};
}
