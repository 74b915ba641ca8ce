import {formFor, type AnyFault, type AnyForm} from '../../src/faults/contract.js';
import type {Kind} from '../../src/targets/contract.js';

/** What a fault is on a kind of target. Throws where it has no form for it. */
export function formOn(fault: AnyFault, kind: Kind): AnyForm {
  const form = formFor(fault, kind);
  if (form === undefined) throw new Error(`${fault.name} does not hit a ${kind}`);
  return form;
}
