import {isDeepStrictEqual} from 'node:util';
import {describeError, FiredrillError} from '../../system/error.js';
import type {Debt, Settled} from '../../targets/contract.js';
import type {Ports} from '../../ports.js';
import {RecordWriter} from '../../record/writer.js';
import {Actuators} from './actuators.js';
import {isPaid, outstanding} from './debts.js';
import {openFence} from './fence.js';
import {settleInReverse, settleTwice} from './settle.js';
import {knownRuns, RunState, strangeRuns, type World} from './state.js';
import {takeOver} from './takeover.js';
import {readWorldMarks} from './world-marks.js';

/** What one run owes, as far as this machine or the marks in the world know. */
export interface OwedRun {
  /** `?` for marks that name no run. */
  readonly run: string;
  /** `state`: this user's state directory; `marks`: only marks in the world (another machine or user ran it). */
  readonly known: 'state' | 'marks';
  readonly live: boolean;
  readonly debts: readonly Debt[];
  /** What was found and is not understood: whether more is owed, nobody knows. */
  readonly unknown: readonly string[];
}

export interface Recovery {
  readonly run: string;
  /** What was owed. */
  readonly debts: readonly Debt[];
  readonly settled: readonly Settled[];
  /** What still is. */
  readonly owed: readonly Debt[];
  /** Why it is not known whether more is owed; empty when all is understood. */
  readonly unknown: readonly string[];
  /**
   * The run folder whose record tells of it, where there is one: what was made of the record before is not true any
   * more.
   */
  readonly folder?: string | undefined;
}

const NAMELESS = '?';

/** Everything that is owed: by the state directory, and by the marks in the given worlds. Changes nothing. */
export async function listOwed(
  ports: Ports,
  worlds: readonly World[],
  signal: AbortSignal,
): Promise<readonly OwedRun[]> {
  const states = await knownRuns(ports);
  const local = await Promise.all(states.map(state => owedBy(state)));
  const marked = await Promise.all(worlds.map(world => readWorldMarks(ports, world, undefined, signal)));
  const foreign = new Map<string, {debts: Debt[]; unknown: string[]}>();
  const of = (run: string | undefined) => {
    const name = run ?? NAMELESS;
    const entry = foreign.get(name) ?? {debts: [], unknown: []};
    foreign.set(name, entry);
    return entry;
  };
  const strange = [...(await strangeRuns(ports)), ...marked.flatMap(({unreadable}) => unreadable)];
  for (const {run, where, why} of strange) of(run).unknown.push(`${where}: ${why}`);
  for (const debt of marked.flatMap(({debts}) => debts)) {
    if (local.some(known => known.run === debt.run)) continue;
    const {debts, unknown} = of(debt.run);
    const same = debts.find(({id}) => id === debt.id);
    if (same === undefined) debts.push(debt);
    // One of the two is forged: to settle either must not settle the other.
    else if (!isDeepStrictEqual(same.undo, debt.undo))
      unknown.push(
        `two marks say what \`${debt.id}\` owes, on \`${same.undo.ref.name}\` and on \`${debt.undo.ref.name}\``,
      );
  }
  const now = ports.clock.now();
  return [
    ...local,
    ...[...foreign].map(([run, {debts, unknown}]) => ({
      run,
      known: 'marks' as const,
      debts,
      unknown,
      // Nobody can ask a runner on another machine; until the hard stop has passed it may be alive.
      live: debts.some(debt => Date.parse(debt.lease.hardStop.wall) > Date.parse(now.wall)),
    })),
  ];
}

/** What the ledger of a run on this machine says. Never throws: what cannot be read must not hide the next run. */
async function owedBy(state: RunState): Promise<OwedRun> {
  const head = {run: state.run, known: 'state'} as const;
  try {
    const {events, unreadable} = await state.readLedger();
    const unknown = unreadable.map(line => `its ledger, ${line}`);
    return {...head, live: await state.isLive(), debts: outstanding(events), unknown};
  } catch (error) {
    return {...head, live: false, debts: [], unknown: [`its state cannot be read: ${describeError(error)}`]};
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
  if (owed.known === 'state') return recoverLocal(ports, owed.run, options.redact);
  return owed.debts.length > 0 ? recoverMarked(ports, owed, options.redact) : {...owed, settled: [], owed: []};
}

async function recoverLocal(ports: Ports, run: string, redact: (text: string) => string): Promise<Recovery> {
  const state = new RunState(ports, run);
  const taken = await takeOver({
    ports,
    state,
    by: 'recover',
    redact,
    why: 'recover was called',
    ended: {kind: 'bug', detail: 'the runner was gone; recover took the run over'},
  });
  if (taken.state === 'beaten')
    throw new FiredrillError('RUN_ALIVE', `Run \`${run}\` could not be taken over: ${taken.why}.`);
  const {debts, settled, owed, unknown, folder} = taken;
  return {run, debts, settled, owed, unknown, folder};
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
    return {run: owed.run, debts: owed.debts, settled, owed: left, unknown: owed.unknown};
  } finally {
    await actuators.close();
  }
}
