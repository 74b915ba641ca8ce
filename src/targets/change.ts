import type {Json, JsonObject} from '../quantities/json.js';
import type {Candidate, TargetRef} from './target.js';

/** One operation of a driver, as data: 'container.unpause', 'toxic.remove'. `v` is the version of its arguments. */
export interface Op {
  readonly op: string;
  readonly v: number;
  readonly ref: TargetRef;
  readonly args: JsonObject;
  /** How long it may take by its own limit (ms), where that is the author's: every budget for it is longer. */
  readonly lastsMs?: number;
}

export interface Undo extends Op {
  /** `incarnation`: a restart of the target undoes it by itself; `object`: it stays until someone undoes it. */
  readonly lifetime: 'object' | 'incarnation';
  /** For values: put `was` back only while the target still carries `ours`; anything else is `superseded`. */
  readonly restore?: {readonly was: Json; readonly ours: Json};
  /** Read-only: `absent` once nothing is left to undo. Used to verify, and to see that a platform healed the target. */
  readonly proof: Op;
  /** The shell command a person would type. */
  readonly manual: string;
  /**
   * How long a flip whose client died may still take effect (ms, default 5000): a takeover looks once more after it.
   */
  readonly inFlightMs?: number;
}

/**
 * Why a change owes nothing: nothing can put it back (only where the file allows that), there is nothing to put back,
 * as its author says, or the author decides otherwise what becomes of the target.
 */
export type NoUndo =
  | {readonly irreversible: string}
  | {readonly nothing: string}
  /** The file says that the target stays as it is: how that is. */
  | {readonly left: string}
  /** A command of the author brings the target back, which is owed beside this: which one. */
  | {readonly broughtBack: string};

/** What a fault drafts for one target: pure data. */
export interface Change {
  readonly target: TargetRef;
  /** One line for the plan: what will be done, in the words of the mechanism. */
  readonly summary: string;
  readonly prepare?: Op;
  readonly flip: Op;
  /** Read-only: `in-force` while the fault holds (state) or once it has happened (event). */
  readonly proof: Op;
  readonly undo: Undo | NoUndo;
  /** Event faults: a restart policy or controller exists that should restore the target by itself. */
  readonly platformHeals?: boolean;
  /** Nothing is done by it: its undo is a command that is owed from then on. */
  readonly owes?: true;
  /**
   * Slots of the target it occupies: `running`, `qdisc:eth0`, `cpu-quota`. Two changes may not hold the same slot at
   * once.
   */
  readonly claims: readonly string[];
  /** Facets (see Reader.facets) it is expected to alter and to put back. */
  readonly touches: readonly string[];
  /** Whom it hits beside its target, because they live in what it breaks: counted like targets, and never protected. */
  readonly reaches?: readonly Candidate[];
  /** Who holds the deadline when the runner is gone. */
  readonly keeper: 'target' | 'guardian';
}
