import type {JsonObject} from '../../quantities/json.js';
import {describeError} from '../../system/error.js';
import type {Op, Proof} from '../../targets/contract.js';
import type {House, LocatedChange} from './house.js';

/** Takes one proof. Never rejects: what cannot be read is `unknown`. */
export async function prove(house: House, op: Op, address: JsonObject, signal: AbortSignal): Promise<Proof> {
  const unknown = (why: string): Proof => ({
    ref: op.ref,
    state: 'unknown',
    exercised: null,
    readings: {},
    at: house.ports.clock.now(),
    why,
  });
  try {
    const reader = await house.readers.get(op.ref.driver, address);
    const [proof] = await reader.prove([op], signal);
    return proof ?? unknown('the driver gave no answer');
  } catch (error) {
    return unknown(describeError(error));
  }
}

/** The proofs of all changes, in their order. */
export function proveAll(
  house: House,
  changes: readonly LocatedChange[],
  signal: AbortSignal,
): Promise<readonly Proof[]> {
  return Promise.all(changes.map(({change, address}) => prove(house, change.proof, address, signal)));
}
