import type {Clock} from '../../system/clock.js';
import {describeError} from '../../system/error.js';
import type {Actuator, Applied, Debt, Fence, Marked, Op} from '../contract.js';
import {ONE_ATTEMPT, type SettlingPort} from '../settling/port.js';
import {settleAll} from '../settling/settle.js';
import {eachUnmarked, sentBy, standingBy, type Reads} from '../settling/standing.js';
import type {LocalMarks} from './local-marks.js';

const TAKEN_OVER = 'this run was taken over by someone else';

/** A driver whose marks are kept on this machine. */
export interface LocalDriver {
  /** `process@1` */
  readonly driver: string;
  readonly endpoint: string;
  readonly fence: Fence;
  readonly clock: Clock;
  readonly marks: LocalMarks;
  reads(debt: Debt): Reads;
  /** Carries out one operation, for a run. */
  perform(
    op: Op,
    bounds: {readonly run: string; readonly budgetMs: number; readonly cut?: AbortSignal | undefined},
  ): Promise<Applied>;
  /** Why its target cannot be marked, beside what the marks on this machine say. */
  taken?(debt: Debt, budgetMs: number): Promise<Marked | undefined>;
  /** What goes with a mark. */
  unmarked?(debt: Debt): Promise<void>;
}

export function localActuator(local: LocalDriver): Actuator {
  const {endpoint, fence, marks} = local;
  return {
    endpoint,
    mark: (debts, budgetMs) => Promise.all(debts.map(debt => mark(local, debt, budgetMs))),
    apply: (ops, budgetMs, cut) =>
      Promise.all(
        ops.map(op =>
          fence.live()
            ? local.perform(op, {run: fence.run, budgetMs, cut})
            : Promise.resolve<Applied>({op, state: 'refused', why: TAKEN_OVER}),
        ),
      ),
    renew: async debts => {
      if (fence.live()) await Promise.all(debts.map(debt => marks.renew(debt)));
    },
    settle: (debts, budgetMs) => settleAll(settlingPort(local), debts, budgetMs),
    forget: async debts => {
      for (const debt of debts) await unmark(local, debt);
    },
    requestStop: run => marks.requestStop(run),
    close: () => Promise.resolve(),
  };
}

/** Unless the fence is dead or the disk fails. */
async function mark(local: LocalDriver, debt: Debt, budgetMs: number): Promise<Marked> {
  if (!local.fence.live()) return {debt: debt.id, state: 'failed', why: TAKEN_OVER};
  try {
    return (await local.taken?.(debt, budgetMs)) ?? (await local.marks.mark(debt));
  } catch (error) {
    return {debt: debt.id, state: 'failed', why: describeError(error)};
  }
}

async function unmark(local: LocalDriver, debt: Debt): Promise<void> {
  await local.marks.unmark(debt);
  await local.unmarked?.(debt);
}

function settlingPort(local: LocalDriver): SettlingPort {
  const {driver, endpoint, fence, clock, marks} = local;
  return {
    driver,
    endpoint,
    fence,
    clock,
    patience: ONE_ATTEMPT,
    inFlight: Number.POSITIVE_INFINITY,
    heldByOther: debt => marks.heldByOther(debt),
    look: debt => standingBy(local.reads(debt), debt.undo),
    carryOut: async ({undo, run}, left) => sentBy(await local.perform(undo, {run, budgetMs: left()})),
    unmark: debts => eachUnmarked(debts, debt => unmark(local, debt)),
  };
}
