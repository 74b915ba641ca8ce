import type {JsonObject} from '../../quantities/json.js';
import type {Change} from '../../targets/contract.js';
import type {Event} from '../../record/events.js';
import type {Readers} from '../safety/connections.js';
import type {RunFence} from '../safety/fence.js';
import type {SafetyContext} from '../safety/settle.js';
import type {StopSwitch} from '../stop-switch.js';

/** A drafted change and how its endpoint was reached. */
export interface LocatedChange {
  readonly change: Change;
  readonly address: JsonObject;
  /** Version of the driver that drafted it. */
  readonly driverVersion: number;
}

/** What the doing half of a run shares. */
export interface House extends SafetyContext {
  readonly run: string;
  readonly readers: Readers;
  readonly fence: RunFence;
  readonly stop: StopSwitch;
  /** Everything that is on record so far, for decisions that are taken by the same functions as the verdict. */
  readonly recorded: readonly Event[];
}
