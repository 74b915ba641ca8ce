import type {Clock} from '../../../system/clock.js';
import {describeError, FiredrillError} from '../../../system/error.js';
import type {Actuator, Debt, Fence, Marked, Op} from '../../contract.js';
import {applyLocally, markLocally} from '../local-actuator.js';
import type {LocalMarks} from '../local-marks.js';
import {settleDebt, type SettlingWorld} from '../settling.js';
import type {ToxiproxyClient} from './client.js';
import {perform} from './operations.js';
import {proveAll} from './reading.js';
import {runOf, VERSION} from './toxics.js';

/** All that the actuator works with. */
export interface Hand {
  readonly client: ToxiproxyClient;
  readonly fence: Fence;
  readonly clock: Clock;
  readonly marks: LocalMarks;
}

/** Opens also where no server answers: then everything says so. */
export function openActuator(hand: Hand): Actuator {
  const {client, fence, marks} = hand;
  return {
    endpoint: client.endpoint,
    mark: (debts, budgetMs) => Promise.all(debts.map(debt => markOne(hand, debt, budgetMs))),
    apply: (ops, budgetMs) =>
      Promise.all(ops.map(op => applyLocally(fence, op, () => perform(client, op, {run: fence.run, budgetMs})))),
    renew: async debts => {
      if (fence.live()) await Promise.all(debts.map(debt => marks.renew(debt)));
    },
    settle: (debts, budgetMs) => Promise.all(debts.map(debt => settleDebt(settlingWorld(hand, debt), debt, budgetMs))),
    forget: async debts => {
      for (const debt of debts) await marks.unmark(debt);
    },
    requestStop: run => marks.requestStop(run),
    close: () => Promise.resolve(),
  };
}

/** The mark is local; a toxic of another run on the proxy tells of a run on another machine. */
async function markOne(hand: Hand, debt: Debt, budgetMs: number): Promise<Marked> {
  try {
    const proxy = await hand.client.proxy(debt.undo.ref, AbortSignal.timeout(Math.max(1, budgetMs)));
    const owners = (proxy?.toxics ?? []).flatMap(toxic => runOf(toxic) ?? []);
    const other = owners.find(run => run !== debt.run);
    if (other !== undefined) return {debt: debt.id, state: 'held', by: other, hardStop: 'unknown'};
  } catch (error) {
    return {debt: debt.id, state: 'failed', why: describeError(error)};
  }
  return markLocally(hand.marks, hand.fence, debt);
}

function settlingWorld({client, fence, clock, marks}: Hand, {run}: Debt): SettlingWorld {
  return {
    driver: `toxiproxy@${VERSION}`,
    endpoint: client.endpoint,
    fence,
    clock,
    // A server that does not answer may well live: then nothing is settled.
    exists: async ref => (await client.proxy(ref)) !== undefined,
    heldByOther: debt => marks.heldByOther(debt),
    prove: async op => {
      const [proof] = await proveAll(client, [op], {clock, run});
      if (proof === undefined) throw new FiredrillError('DRIVER_UNREACHABLE', 'Toxiproxy gave no answer.');
      return proof;
    },
    carryOut: (op: Op, budgetMs) => perform(client, op, {run, budgetMs}),
    unmark: debt => marks.unmark(debt),
  };
}
