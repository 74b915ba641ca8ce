import {LiveState} from '../../../src/terminal/live-state.js';
import type {RecordScript} from '../../support/records.js';
import type {LoadSecond} from '../../../src/signals/contract.js';

/** A live state that has seen these events and seconds. */
export function stateAfter(script: RecordScript, loads: readonly LoadSecond[] = []): LiveState {
  const state = new LiveState();
  for (const event of script.events) state.event(event);
  for (const second of loads) state.second(second);
  return state;
}
