import type {Debt} from '../../targets/contract.js';
import {pause} from '../stop-switch.js';
import type {House, LocatedChange} from './house.js';
import type {Injected} from './occurrence.js';
import {proveAll} from './proofs.js';

const PROVE_EVERY_MS = 2_000;

/** What is asked of `hold` when a target lost the fault. Returns the new changes and debts, or nothing. */
export type Reapply = (lost: readonly LocatedChange[]) => Promise<Extract<Injected, {state: 'in-force'}> | undefined>;

/**
 * Holds a fault for its time, taking the proof on every target. A change of state is recorded; a lost fault is applied again where
 * the file says `keep`. Returns all debts that are owed at the end.
 */
export async function hold(
  house: House,
  held: {
    readonly occurrence: string;
    readonly forMs: number;
    readonly injected: Extract<Injected, {state: 'in-force'}>;
  },
  reapply: Reapply | undefined,
): Promise<readonly Debt[]> {
  const {clock} = house.ports;
  const until = clock.mono() + held.forMs * 1000;
  let changes = held.injected.changes;
  let debts = held.injected.debts;
  let states = changes.map(() => 'in-force');
  for (;;) {
    const leftMs = (until - clock.mono()) / 1000;
    const slept = await pause(clock, Math.max(0, Math.min(PROVE_EVERY_MS, leftMs)), house.stop.signal);
    const last = !slept || clock.mono() >= until;
    const proofs = await proveAll(house, changes, house.stop.signal);
    const now = proofs.map(proof => proof.state);
    if (!house.stop.signal.aborted && (last || now.some((state, i) => state !== states[i]))) {
      house.record.event({type: 'proof.changed', occurrence: held.occurrence, proofs});
    }
    if (last) return debts;
    states = now;
    const lost = changes.filter((_, i) => now[i] === 'absent');
    if (lost.length > 0 && reapply !== undefined) {
      const again = await reapply(lost);
      if (again !== undefined) {
        changes = [...changes.filter(change => !lost.includes(change)), ...again.changes];
        debts = [...debts, ...again.debts];
        states = changes.map(() => 'in-force');
      }
    }
  }
}
