import type {Debt, Settled} from '../../targets/contract.js';
import type {Event} from '../../record/events.js';

/** Whether this answer means that nothing is owed any more. */
export function isPaid(settled: Settled): boolean {
  return settled.outcome !== 'failed' && settled.outcome !== 'unknown';
}

/** The debts that these events leave unpaid, in the order they were taken on. */
export function outstanding(events: readonly Event[]): readonly Debt[] {
  const owed = new Map<string, Debt>();
  for (const event of events) {
    if (event.type === 'debts.owed') for (const debt of event.debts) owed.set(debt.id, debt);
    if (event.type === 'debts.settled')
      for (const settled of event.settled) if (isPaid(settled)) owed.delete(settled.debt);
  }
  return [...owed.values()];
}

/** Debts by the connection that can carry them out. */
export function byConnection(debts: readonly Debt[]): readonly (readonly Debt[])[] {
  const groups = new Map<string, Debt[]>();
  for (const debt of debts) {
    const key = JSON.stringify([debt.driver, debt.address]);
    const group = groups.get(key) ?? [];
    group.push(debt);
    groups.set(key, group);
  }
  return [...groups.values()];
}
