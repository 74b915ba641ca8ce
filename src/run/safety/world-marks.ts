import {describeError, FiredrillError} from '../../system/error.js';
import type {Debt, UnreadableMark} from '../../targets/contract.js';
import type {Ports} from '../../ports.js';
import type {World} from './state.js';

export interface WorldMarks {
  readonly debts: readonly Debt[];
  /** Marks that nothing is done for, and the world itself where it cannot be read. */
  readonly unreadable: readonly UnreadableMark[];
}

/** A mark is foreign text, and a person may type what it says: it does not pass for ours. */
function quoted(manual: string): string {
  return `(as its mark says: look before you type it) ${manual}`;
}

/** What the marks in a world say, of one run or of all. Never throws: what cannot be read hides nothing else. */
export async function readWorldMarks(
  ports: Ports,
  world: World,
  run?: string,
  signal: AbortSignal = AbortSignal.timeout(30_000),
): Promise<WorldMarks> {
  try {
    const reader = await (await ports.driver(world.driver)).reader(world.address, ports.ambient);
    try {
      const debts = await reader.debts(run, signal);
      const own = debts.map(debt => ({
        ...debt,
        // The mark may have been written by a machine that reached the endpoint in another way.
        address: world.address,
        undo: {...debt.undo, manual: quoted(debt.undo.manual)},
      }));
      return {debts: own, unreadable: await reader.unreadable(signal)};
    } finally {
      await reader.close();
    }
  } catch (error) {
    const where = `${world.driver} ${JSON.stringify(world.address)}`;
    const hint = error instanceof FiredrillError && error.hint !== undefined ? `; ${error.hint}` : '';
    return {debts: [], unreadable: [{where, why: `its marks cannot be read: ${describeError(error)}${hint}`}]};
  }
}
