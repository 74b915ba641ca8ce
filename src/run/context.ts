import type {Event} from '../record/events.js';
import type {Readers} from '../targets/readers.js';
import type {RunFence} from './safety/fence.js';
import type {SafetyContext} from './safety/settle.js';
import type {StopSwitch} from './stop-switch.js';

/** What the doing half of a run shares. */
export interface RunContext extends SafetyContext {
  readonly run: string;
  readonly readers: Readers;
  readonly fence: RunFence;
  readonly stop: StopSwitch;
  /** Everything that is on record so far, for decisions that are taken by the same functions as the verdict. */
  readonly recorded: readonly Event[];
}
