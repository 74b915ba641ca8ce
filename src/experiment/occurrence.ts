import type {JsonObject} from '../quantities/json.js';
import type {FaultSpec} from './experiment.js';

export type Edge = 'starts' | 'confirmed' | 'ends';

/** When an occurrence starts: after the end of the baseline, or after an edge of another occurrence. */
export type Trigger =
  | {readonly from: 'baseline'; readonly ms: number}
  | {readonly from: 'occurrence'; readonly occurrence: string; readonly edge: Edge; readonly ms: number};

/** One injection of a fault. */
export interface Occurrence {
  /** The fault's name, with `#1`, `#2`… where the fault occurs more than once. */
  readonly id: string;
  readonly fault: FaultSpec;
  /** From 0, over the repeats and steps of the fault. */
  readonly index: number;
  /** Index of the step, where the fault has steps. */
  readonly step?: number;
  /** Index of the block, from 0 over on and off blocks, in a switchback. */
  readonly block?: number;
  readonly parameters: JsonObject;
  /** For people: `slow inventory (delay 50ms)`. */
  readonly label: string;
  readonly forMs: number;
  /** How long it may be held where it may go on (`windows.goOn`): the only injection of a run. */
  readonly goOnMs?: number;
  readonly start: Trigger;
}
