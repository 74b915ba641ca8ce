import type {JsonObject} from '../../quantities/json.js';
import type {ProbeContext} from '../contract.js';
import {noValue, type NoValue} from '../missing.js';
import {MOST_IDS} from './spec.js';

/** What a store holds, one text for each entry, or the reason why that is not known. */
export type Listing = {readonly entries: readonly string[]} | NoValue;

/** Lists what a store holds, once. May reject only with the signal's reason, or when it cannot be set up at all. */
export type ListEntries = (parameters: JsonObject, context: ProbeContext, signal: AbortSignal) => Promise<Listing>;

export function tooMany(): NoValue {
  return noValue(
    'answer',
    `it lists more than ${MOST_IDS.toLocaleString('en')} entries, which is the most that are read`,
  );
}
