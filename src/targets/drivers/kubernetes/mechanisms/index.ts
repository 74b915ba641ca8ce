import {OPS} from '../ops.js';
import {observe} from './observe.js';
import type {ClusterQuestion, Flip, Mechanism, Undoing} from './operation.js';
import {MECHANISMS} from './registry.generated.js';

const named = <T>(part: (mechanism: Mechanism) => Readonly<Record<string, T>>): ReadonlyMap<string, T> =>
  new Map(MECHANISMS.flatMap(mechanism => Object.entries(part(mechanism))));

/** What the driver can do, prove and undo, by the names that debts keep. */
export const FLIPS: ReadonlyMap<string, Flip> = named(({flips}) => flips);
export const QUESTIONS: ReadonlyMap<string, ClusterQuestion> = new Map([
  ...named(({questions}) => questions),
  [OPS.observe, observe],
]);
export const UNDOS: ReadonlyMap<string, Undoing> = named(({undos}) => undos);
