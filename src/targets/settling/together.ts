import type {Left} from '../../system/clock.js';
import type {Debt} from '../contract.js';
import type {SettlingPort} from './port.js';

/** With fewer there is nothing to gain. */
const FEWEST = 3;
const SHOWS_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 100;

/** The first debt of each object, where it can be looked at and undone together with others. */
function suitable({together}: SettlingPort, debts: readonly Debt[]): readonly Debt[] {
  const seen = new Set<string>();
  return debts.filter(debt => {
    const {object} = debt.undo.ref;
    if (seen.has(object)) return false;
    seen.add(object);
    return together?.fits(debt) === true;
  });
}

/**
 * Undoes many debts with as few requests as one: look, undo, look again. Answers those that were owed and are verified
 * to be undone; whatever else became of the others is found out one by one. Never rejects.
 */
export async function settleTogether(port: SettlingPort, debts: readonly Debt[], left: Left): Promise<readonly Debt[]> {
  const {clock, fence, together} = port;
  const undone: Debt[] = [];
  try {
    const candidates = suitable(port, debts);
    if (together === undefined || candidates.length < FEWEST) return undone;
    const before = await together.states(candidates, left);
    const owed = candidates.filter((_, nth) => before[nth] === 'in-force');
    if (owed.length === 0 || !fence.live()) return undone;
    const sent = await together.carryOut(owed, left);
    let open = owed.filter((_, nth) => sent[nth] !== undefined && sent[nth].state !== 'refused');
    const until = clock.mono() + Math.min(SHOWS_WITHIN_MS, left()) * 1000;
    for (;;) {
      const after = await together.states(open, left);
      undone.push(...open.filter((_, nth) => after[nth] === 'absent'));
      open = open.filter((_, nth) => after[nth] !== 'absent');
      if (open.length === 0 || clock.mono() >= until) return undone;
      await clock.sleep(LOOK_EVERY_MS);
    }
  } catch {
    // What could not be read in time is left to the careful way.
    return undone;
  }
}
