import type {Diagnosis} from './diagnosis.js';
import type {Instant} from '../quantities/instant.js';
import type {JsonObject} from '../quantities/json.js';
import type {Ambient} from './ambient.js';
import type {Change, Op, Undo} from './change.js';
import type {Drafts} from './drafts.js';
import type {Surroundings} from './surroundings.js';
import type {Candidate, Kind, TargetRef} from './target.js';

export type {Ambient} from './ambient.js';
export type {Change, NoUndo, Op, Undo} from './change.js';
export type {Cut, Drafts} from './drafts.js';
export type {Candidate, Kind, TargetRef} from './target.js';
export type {
  Amount,
  AuthorAction,
  AuthorCommand,
  AuthorRequest,
  FlowDirection,
  Flow,
  Heal,
  ConnectionShare,
  ProcessChoice,
} from './wishes.js';

/** The seam between what is decided (pure) and what touches the world (drivers). Four ideas hold it together:
 *  faults draft data and never act; only the runner, the guardian and `recover` hold an Actuator, each under an epoch;
 *  an undo is a versioned driver operation that any fresh process can carry out; `plan` only ever gets a Reader. */

/**
 * An undo that is owed. On disk and marked in the target's world before the flip. Holds references to secrets, never
 * values.
 */
export interface Debt {
  readonly id: string;
  readonly run: string;
  readonly occurrence: string;
  readonly epoch: number;
  /**
   * `docker@1`: who can carry it out; `address`: how the writer reached the endpoint (see Driver.address), checked
   * against `undo.ref.endpoint`.
   */
  readonly driver: string;
  readonly address: JsonObject;
  readonly undo: Undo;
  /** Facets that the change alters (see Change.touches); left out by earlier versions. */
  readonly touches?: readonly string[];
  /**
   * From `hardStop` on anyone may undo it; `spareMs`: so long before that its undo is due, left out by earlier
   * versions.
   */
  readonly lease: {readonly ms: number; readonly hardStop: Instant; readonly spareMs?: number};
}

/** A mark, or a debt in it, that nothing is done for: what it says is not what a mark of its driver can say. */
export interface UnreadableMark {
  /** For people: where to look at it. */
  readonly where: string;
  readonly why: string;
  /** Whose it says it is, where that is the name of a run. */
  readonly run?: string;
}

export type Settled = {
  readonly debt: string;
  /** When the target was last looked at for it; without it, when all were answered counts. */
  readonly at?: Instant;
} & (
  | {readonly outcome: 'undone' | 'already' | 'gone' | 'superseded'; readonly detail?: string}
  | {readonly outcome: 'failed' | 'unknown'; readonly why: string; readonly manual: string}
);

export interface Proof {
  readonly ref: TargetRef;
  readonly state: 'in-force' | 'absent' | 'unknown';
  /** How much traffic or work went through the fault since it is in force; null where that cannot be seen. */
  readonly exercised: number | null;
  readonly readings: JsonObject;
  readonly at: Instant;
  readonly why?: string;
}

/** `unknown`: the request may have reached the target; whoever asked must read the target to find out. */
export interface Applied {
  readonly op: Op;
  readonly state: 'done' | 'refused' | 'unknown';
  readonly why?: string;
  /** It was refused before anything was asked of the target: nothing can have come of it. */
  readonly sent?: false;
}

/** What a proof says, without what it is about and when it was read. */
export type ProofAnswer = Pick<Proof, 'state' | 'readings' | 'why'> & Partial<Pick<Proof, 'exercised'>>;

/** What became of an operation, without the operation. */
export type OpOutcome = Omit<Applied, 'op'>;

/** What a target writes, kept by whoever runs it. */
export interface LogStream {
  /**
   * Tells what is written from now on, or, when it is called again, since it ended. Resolves when the log ends (the
   * target has stopped), rejects with why it cannot be read.
   */
  follow(
    sink: {readonly write: (output: string, bytes: Buffer) => void; readonly opened: () => void},
    signal: AbortSignal,
  ): Promise<void>;
}

/** How the log of a target is followed: through who keeps it, or in a file of this machine, once there is one. */
export type TargetLog = LogStream | {file(): Promise<string | undefined>};

/** All that `plan` ever gets. Nothing here changes the world. Every wait takes an AbortSignal. */
export interface Reader {
  readonly endpoint: string;
  /** What this endpoint can draft. An entry that is absent is a capability that is missing. */
  readonly drafts: Partial<Drafts>;
  resolve(selector: JsonObject, signal: AbortSignal): Promise<readonly Candidate[]>;
  /** Runs a command inside (or, for processes, beside) the candidate and returns its standard output; for `where`. */
  ask(ref: TargetRef, command: readonly string[], signal: AbortSignal): Promise<string>;
  /** What the target writes; absent where this endpoint cannot tell it. */
  log?(ref: TargetRef): TargetLog;
  /** One answer per proof, in order; an unreachable target is `unknown` with the reason, never a throw. */
  prove(proofs: readonly Op[], signal: AbortSignal): Promise<readonly Proof[]>;
  /** Named properties of the targets, for the leak check: `{[object]: {[facet]: value}}`. */
  facets(refs: readonly TargetRef[], signal: AbortSignal): Promise<Readonly<Record<string, JsonObject>>>;
  /**
   * Whom the targets have connections with, who else does the same, and what befell them and their neighbours since
   * the look before (its `asOf`). Absent where the driver cannot see that. Bounded by MOST_SURROUNDINGS.
   */
  around?(refs: readonly TargetRef[], since: string | undefined, signal: AbortSignal): Promise<Surroundings>;
  /**
   * What is owed according to the marks in the world (of one run, or of all): only what `readMarks` (debt.ts) lets
   * pass.
   */
  debts(run: string | undefined, signal: AbortSignal): Promise<readonly Debt[]>;
  /** Marks that say something else, or what cannot be read at all: nobody knows what is owed there. */
  unreadable(signal: AbortSignal): Promise<readonly UnreadableMark[]>;
  /** Someone asked this run to stop, by a mark in the world. */
  stopRequested(run: string, signal: AbortSignal): Promise<boolean>;
  /** Capabilities and rights that the plan should mention: `[]` when all is well. */
  problems(signal: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}

export type Marked = {readonly debt: string} & (
  | {readonly state: 'marked'}
  | {readonly state: 'held'; readonly by: string; readonly hardStop: string}
  | {readonly state: 'failed'; readonly why: string}
);

/** Opened with a live epoch. Mutations in flight are bounded by their budget and never aborted. */
export interface Actuator {
  readonly endpoint: string;
  /** Compare-and-set in the world, before any change: at most one run owes on a target. Idempotent for the same run. */
  mark(debts: readonly Debt[], budgetMs: number): Promise<readonly Marked[]>;
  /**
   * Carries out the operations (batched, a few in flight), one answer each, in order. Never throws for a target's sake.
   * `cut` ends commands of the author that still run, which is as if they had failed; nothing else is aborted.
   */
  apply(ops: readonly Op[], budgetMs: number, cut?: AbortSignal): Promise<readonly Applied[]>;
  /** Pushes the hard stop out, in the mark and on the target side where a deadline is kept there. */
  renew(debts: readonly Debt[], budgetMs: number): Promise<void>;
  /** Undo, verify on the target, remove the mark (which stays while the undo is not verified). Idempotent. */
  settle(debts: readonly Debt[], budgetMs: number): Promise<readonly Settled[]>;
  /** Takes the marks of these debts away and undoes nothing: a person gave them up. Rejects when a mark stays. */
  forget(debts: readonly Debt[]): Promise<void>;
  /** Leaves a mark that asks the run to stop; removed by the run's own last settle or by `recover`. */
  requestStop(run: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * The epoch an actuator works under. `live` answers false once someone else took the run over: then nothing may be
 * changed.
 */
export interface Fence {
  readonly run: string;
  readonly epoch: number;
  live(): boolean;
}

/** A drafted change and how its endpoint was reached. */
export interface LocatedChange {
  readonly change: Change;
  readonly address: JsonObject;
  /** Version of the driver that drafted it. */
  readonly driverVersion: number;
}

export interface Driver {
  /** That of its folder. */
  readonly name: string;
  /** Version of the operations' arguments; debts of other versions are refused with the version that can undo them. */
  readonly version: number;
  /**
   * Where a selector points, as data with which a fresh process reaches the same endpoint. References to secrets, no
   * values.
   */
  address(selector: JsonObject, ambient: Ambient): JsonObject;
  reader(address: JsonObject, ambient: Ambient): Promise<Reader>;
  actuator(address: JsonObject, fence: Fence, ambient: Ambient): Promise<Actuator>;
  /** What this machine lets its faults do, where no file says which target: reads only. */
  diagnose?(ambient: Ambient, signal: AbortSignal): Promise<readonly Diagnosis[]>;
  /** Whether Firedrill starts this target itself, by a change that the reader's `provision` drafts. */
  provisions?(selector: JsonObject): boolean;
}

/** A driver in a folder of its own (src/targets/drivers/<name>/driver.ts): what the generator asks of it. */
export interface DriverFolder extends Driver {
  /** What its selectors can resolve to. Where a selector decides, `selector.ts` exports `kindsOf`. */
  readonly kinds: readonly Kind[];
  /** Its column in docs/faults.md, and the files of experiments/ that an example of a fault on it includes. */
  readonly reference: {readonly title: string; readonly frame: readonly string[]};
}
