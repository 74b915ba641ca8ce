import type {JsonObject} from '../../quantities/json.js';
import {FiredrillError} from '../../system/error.js';
import type {Debt, DriverName, Settled} from '../../targets/contract.js';
import type {Ports} from '../ports.js';
import {RecordWriter} from '../record/writer.js';
import {Actuators} from './connections.js';
import {isPaid, outstanding} from './debts.js';
import {openFence} from './fence.js';
import {settleInReverse, settleTwice} from './settle.js';
import {RunState, knownRuns} from './state.js';
import {takeOver} from './takeover.js';

/** What one run owes, as far as this machine or the marks in the world know. */
export interface OwedRun {
  readonly run: string;
  /** `state`: this user's state directory; `marks`: only marks in the world (another machine or user ran it). */
  readonly known: 'state' | 'marks';
  readonly live: boolean;
  readonly debts: readonly Debt[];
}

/** A world to look for marks in: a Docker engine, a cluster's namespace, a proxy. */
export interface World {
  readonly driver: DriverName;
  readonly address: JsonObject;
}

export interface Recovery {
  readonly run: string;
  readonly settled: readonly Settled[];
  readonly owed: readonly Debt[];
}

/** Everything that is owed: by the state directory, and by the marks in the given worlds. Changes nothing. */
export async function listOwed(
  ports: Ports,
  worlds: readonly World[],
  signal: AbortSignal,
): Promise<readonly OwedRun[]> {
  const states = await knownRuns(ports);
  const local = await Promise.all(
    states.map(async state => ({
      run: state.run,
      known: 'state' as const,
      live: await state.isLive(),
      debts: outstanding(await state.events()),
    })),
  );
  const marked = (await Promise.all(worlds.map(world => markedDebts(ports, world, signal)))).flat();
  const foreign = new Map<string, Debt[]>();
  for (const debt of marked) {
    if (local.some(known => known.run === debt.run)) continue;
    foreign.set(debt.run, [...(foreign.get(debt.run) ?? []), debt]);
  }
  const now = ports.clock.now();
  return [
    ...local,
    ...[...foreign].map(([run, debts]) => ({
      run,
      known: 'marks' as const,
      debts,
      // Nobody can ask a runner on another machine; until the hard stop has passed it may be alive.
      live: debts.some(debt => Date.parse(debt.lease.hardStop.wall) > Date.parse(now.wall)),
    })),
  ];
}

async function markedDebts(ports: Ports, world: World, signal: AbortSignal): Promise<readonly Debt[]> {
  const reader = await (await ports.driver(world.driver)).reader(world.address, ports.ambient);
  try {
    // The mark may have been written by a machine that reached the endpoint in another way.
    return (await reader.debts(undefined, signal)).map(debt => ({...debt, address: world.address}));
  } finally {
    await reader.close();
  }
}

/**
 * Puts back what a run owes, whoever ran it.
 * @throws FiredrillError RUN_ALIVE when the run still lives (or may, on another machine) and `force` is false.
 */
export async function recoverRun(
  ports: Ports,
  owed: OwedRun,
  options: {readonly force: boolean; readonly redact: (text: string) => string},
): Promise<Recovery> {
  if (owed.live && (owed.known === 'state' || !options.force)) {
    throw new FiredrillError(
      'RUN_ALIVE',
      `Expected run \`${owed.run}\` to be over; ${owed.known === 'state' ? 'its owner gives signs of life' : 'its hard stop has not passed, so its runner on another machine may be alive'}.`,
      {
        hint:
          owed.known === 'state'
            ? `Stop it first: firedrill stop ${owed.run}`
            : `Stop it from its own machine, wait for the hard stop, or add --force.`,
      },
    );
  }
  return owed.known === 'state'
    ? recoverLocal(ports, owed.run, options.redact)
    : recoverMarked(ports, owed, options.redact);
}

async function recoverLocal(ports: Ports, run: string, redact: (text: string) => string): Promise<Recovery> {
  const state = new RunState(ports, run);
  const taken = await takeOver({
    ports,
    state,
    by: 'recover',
    redact,
    why: 'recover was called',
    ended: {kind: 'bug', detail: 'the runner was gone; recover put everything back'},
  });
  if (taken.state === 'beaten')
    throw new FiredrillError('RUN_ALIVE', `Run \`${run}\` could not be taken over: ${taken.why}.`);
  return {run, settled: taken.settled, owed: taken.owed};
}

/** A run of another machine: its ledger is out of reach, the marks say what to undo. */
async function recoverMarked(ports: Ports, owed: OwedRun, redact: (text: string) => string): Promise<Recovery> {
  const state = new RunState(ports, owed.run);
  const epoch = Math.max(0, ...owed.debts.map(debt => debt.epoch)) + 1;
  await state.create({run: owed.run, folder: '', host: 'another machine', createdAt: ports.clock.now()});
  if (!(await state.claim(epoch, 'recover'))) {
    throw new FiredrillError('RUN_ALIVE', `Run \`${owed.run}\` is being recovered by someone else.`);
  }
  const record = new RecordWriter({
    disk: ports.disk,
    clock: ports.clock,
    folder: undefined,
    ledger: state.ledger,
    by: 'recover',
    epoch,
    redact,
    firstSeq: 0,
  });
  const actuators = new Actuators(ports, openFence(state, epoch));
  try {
    await record.durable({type: 'debts.owed', occurrence: 'marks', debts: owed.debts});
    // Before the hard stop a request of the run may still be on its way.
    const settle = owed.live ? settleTwice : settleInReverse;
    const settled = await settle({ports, actuators, record}, owed.debts);
    const paid = new Set(settled.filter(isPaid).map(answer => answer.debt));
    const left = owed.debts.filter(debt => !paid.has(debt.id));
    if (left.length === 0) await state.remove();
    return {run: owed.run, settled, owed: left};
  } finally {
    await actuators.close();
  }
}
