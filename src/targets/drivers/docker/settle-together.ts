import {setTimeout as delay} from 'node:timers/promises';
import type {Debt, Fence, Settled} from '../../contract.js';
import {IN_FLIGHT, type Engine} from './engine.js';
import type {Outcome} from './failures.js';
import {mapInFlight} from './in-flight.js';
import {operationNamed, questionNamed} from './operations/index.js';
import type {Operation} from './operations/operation.js';
import {proveAll} from './prove.js';
import {refusal} from './settle.js';

/** An undo that was carried out shows at once; a busy machine may take a moment. */
const SHOWS_WITHIN_MS = 2_000;
const POLL_MS = 100;
/** With fewer there is nothing to gain. */
const FEWEST = 3;

type Together = Debt & {readonly operation: Operation};

/** The first debt of each container, where its undo can be sent, or what it did be looked at, together with others. */
function suitable(engine: Engine, debts: readonly Debt[]): readonly Together[] {
  const seen = new Set<string>();
  return debts.flatMap(debt => {
    const {object} = debt.undo.ref;
    if (seen.has(object)) return [];
    seen.add(object);
    const operation = operationNamed(debt.undo.op);
    if (operation === undefined || debt.undo.restore !== undefined || refusal(engine, debt) !== undefined) return [];
    const fits = operation.sendAll !== undefined || questionNamed(debt.undo.proof.op)?.byState !== undefined;
    return fits ? [{...debt, operation}] : [];
  });
}

async function states(engine: Engine, debts: readonly Debt[], left: () => number): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(Math.max(1, left()));
  const proofs = debts.map(({undo}) => undo.proof);
  return (await proveAll(engine, proofs, signal)).map(({state}) => state);
}

async function send(
  engine: Engine,
  fence: Fence,
  debts: readonly Together[],
  left: () => number,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const alone = debts.flatMap((debt, place) => (debt.operation.sendAll === undefined ? [{debt, place}] : []));
  await mapInFlight(alone, IN_FLIGHT, async ({debt, place}) => {
    const sending = {budgetMs: Math.max(1, left()), run: debt.run};
    // Not sent: whoever settles them one by one says why.
    if (fence.live()) outcomes[place] = await debt.operation.send(engine, debt.undo, sending);
  });
  for (const sendAll of new Set(debts.flatMap(({operation}) => operation.sendAll ?? []))) {
    for (const run of new Set(debts.map(debt => debt.run))) {
      const places = debts.flatMap((debt, index) =>
        debt.operation.sendAll === sendAll && debt.run === run ? [index] : [],
      );
      const ops = places.flatMap(place => debts[place]?.undo ?? []);
      if (ops.length === 0) continue;
      const sent = await sendAll(engine, ops, {budgetMs: Math.max(1, left()), run});
      sent.forEach((outcome, nth) => (outcomes[places[nth] ?? 0] = outcome));
    }
  }
  return outcomes;
}

/**
 * Undoes many debts with as few requests as one: look, undo, look again. Answers only for those that were owed and are
 * verified to be undone; whatever else became of the others is found out one by one by `settleDebt`. Never throws.
 */
export async function settleTogether(
  engine: Engine,
  fence: Fence,
  debts: readonly Debt[],
  left: () => number,
): Promise<ReadonlyMap<string, Settled>> {
  const settled = new Map<string, Settled>();
  try {
    const candidates = suitable(engine, debts);
    if (candidates.length < FEWEST) return settled;
    const before = await states(engine, candidates, left);
    const owed = candidates.filter((_, index) => before[index] === 'in-force');
    if (owed.length === 0 || !fence.live()) return settled;
    const sent = await send(engine, fence, owed, left);
    let open = owed.filter((_, index) => sent[index] !== undefined && sent[index].state !== 'refused');
    const until = performance.now() + Math.min(SHOWS_WITHIN_MS, left());
    for (;;) {
      const after = await states(engine, open, left);
      open.forEach(({id}, index) => {
        if (after[index] === 'absent') settled.set(id, {debt: id, outcome: 'undone'});
      });
      open = open.filter(({id}) => !settled.has(id));
      if (open.length === 0 || performance.now() >= until) return settled;
      await delay(POLL_MS);
    }
  } catch {
    // What could not be read in time is left to the careful way.
    return settled;
  }
}
