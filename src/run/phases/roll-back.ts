import type {Debt} from '../../targets/contract.js';
import {byConnection} from '../safety/debts.js';
import {recordSettled, settleTwice} from '../safety/settle.js';
import {withDeadline} from '../safety/with-deadline.js';
import type {RunContext} from '../context.js';

/** How long taking marks away again may take. */
const MARKS_BUDGET_MS = 20_000;

/** What an injection that failed leaves behind. */
interface Owed {
  readonly occurrence: string;
  readonly debts: readonly Debt[];
  /** Those that may carry our mark. */
  readonly ours: readonly Debt[];
  /** Those of them for whose change nothing was asked of the target. */
  readonly untouched: readonly Debt[];
}

/** Puts back what an injection that failed may have done, and takes its marks away. */
export async function rollBack(context: RunContext, owed: Owed, detail: string): Promise<void> {
  const {occurrence, debts, ours, untouched} = owed;
  context.record.event({type: 'change.failed', occurrence, why: detail});
  const foreign = debts.filter(debt => !ours.includes(debt));
  if (foreign.length > 0) await recordUntouched(context, occurrence, foreign, 'held by another run: never touched');
  context.record.event({
    type: 'undo.requested',
    occurrence,
    why: {kind: 'not-injected', detail},
    undos: debts.length,
  });
  const free = await takeMarks(context, untouched);
  if (free.length > 0) await recordUntouched(context, occurrence, free, 'it was refused before it was sent');
  // A request that was not answered may still arrive: only a second look is sure.
  await settleTwice(
    context,
    ours.filter(debt => !free.includes(debt)),
  );
}

function recordUntouched(
  {record}: RunContext,
  occurrence: string,
  debts: readonly Debt[],
  detail: string,
): Promise<void> {
  const settled = debts.map(({id}) => ({debt: id, outcome: 'already', detail}) as const);
  return recordSettled(record, occurrence, settled);
}

/**
 * Takes the marks of debts away for which nothing was asked of the targets. Answers them; none where a mark may be
 * left.
 */
async function takeMarks(context: RunContext, debts: readonly Debt[]): Promise<readonly Debt[]> {
  const taking = byConnection(debts).map(async group => {
    const [first] = group;
    if (first === undefined || !(await context.fence.refresh())) return [];
    await (await context.actuators.forDebt(first)).forget(group);
    return group;
  });
  const answers = taking.map(taken => {
    const safely = taken.catch((): readonly Debt[] => []);
    return withDeadline(context.ports.clock, MARKS_BUDGET_MS, safely, () => []);
  });
  return (await Promise.all(answers)).flat();
}
