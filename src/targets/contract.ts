import type {Instant} from '../quantities/instant.js';
import type {Json, JsonObject} from '../quantities/json.js';
import type {Ambient} from './ambient.js';
import type {DnsWish} from './dns.js';
import type {HttpWish} from './http.js';
import type {Impairment, PacketFilter} from './packets.js';
import type {Candidate, DriverName, TargetRef} from './target.js';
import type {Amount, AuthorAction, Flow, Heal, Part, ProcessChoice} from './wishes.js';

export type {Ambient} from './ambient.js';
export type {Candidate, DriverName, Kind, TargetRef} from './target.js';
export type {
  Amount,
  AuthorAction,
  AuthorCommand,
  AuthorRequest,
  Direction,
  Flow,
  Heal,
  Part,
  ProcessChoice,
} from './wishes.js';

/** The seam between what is decided (pure) and what touches the world (drivers). Four ideas hold it together:
 *  faults draft data and never act; only the runner, the guardian and `recover` hold an Actuator, each under an epoch;
 *  an undo is a versioned driver operation that any fresh process can carry out; `plan` only ever gets a Reader. */

/** One operation of a driver, as data: 'container.unpause', 'toxic.remove'. `v` is the version of its arguments. */
export interface Op {
  readonly op: string;
  readonly v: number;
  readonly ref: TargetRef;
  readonly args: JsonObject;
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
  /** How long a flip whose client died may still take effect (ms, default 5000): a takeover looks once more after it. */
  readonly inFlightMs?: number;
}

/** Why a change owes nothing: nothing can put it back (only where the file allows that), or there is nothing to put back, as its author says. */
export type NoUndo = {readonly irreversible: string} | {readonly nothing: string};

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
  /** Slots of the target it occupies: `running`, `qdisc:eth0`, `cpu-quota`. Two changes may not hold the same slot at once. */
  readonly claims: readonly string[];
  /** Facets (see Reader.facets) it is expected to alter and to put back. */
  readonly touches: readonly string[];
  /** Whom it hits beside its target, because they live in what it breaks: counted like targets, and never protected. */
  readonly reaches?: readonly Candidate[];
  /** Who holds the deadline when the runner is gone. */
  readonly keeper: 'target' | 'guardian';
}

/** An undo that is owed. On disk and marked in the target's world before the flip. Holds references to secrets, never values. */
export interface Debt {
  readonly id: string;
  readonly run: string;
  readonly occurrence: string;
  readonly epoch: number;
  /** `docker@1`: who can carry it out; `address`: how the writer reached the endpoint (see Driver.address), checked against `undo.ref.endpoint`. */
  readonly driver: string;
  readonly address: JsonObject;
  readonly undo: Undo;
  /** Facets that the change alters (see Change.touches); left out by earlier versions. */
  readonly touches?: readonly string[];
  /** From `hardStop` on anyone may undo it; `spareMs`: so long before that its undo is due, left out by earlier versions. */
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

/** All that `plan` ever gets. Nothing here changes the world. Every wait takes an AbortSignal. */
export interface Reader {
  readonly endpoint: string;
  /** What this endpoint can draft. An entry that is absent is a capability that is missing. */
  readonly drafts: Partial<Drafts>;
  resolve(selector: JsonObject, signal: AbortSignal): Promise<readonly Candidate[]>;
  /** Runs a command inside (or, for processes, beside) the candidate and returns its standard output; for `where`. */
  ask(ref: TargetRef, command: readonly string[], signal: AbortSignal): Promise<string>;
  /** One answer per proof, in order; an unreachable target is `unknown` with the reason, never a throw. */
  prove(proofs: readonly Op[], signal: AbortSignal): Promise<readonly Proof[]>;
  /** Named properties of the targets, for the leak check: `{[object]: {[facet]: value}}`. */
  facets(refs: readonly TargetRef[], signal: AbortSignal): Promise<Readonly<Record<string, JsonObject>>>;
  /** What is owed according to the marks in the world (of one run, or of all): only what `readMarks` (debt.ts) lets pass. */
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
  /** Carries out the operations (batched, a few in flight), one answer each, in order. Never throws for a target's sake. */
  apply(ops: readonly Op[], budgetMs: number): Promise<readonly Applied[]>;
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

/** What drivers can draft, by capability. A fault names the entries it needs. All durations in ms, sizes in bytes. */
export interface Drafts {
  lifecycle: {
    pause(t: TargetRef): Promise<Change>;
    /** `nothing`: why there is nothing to put back, where the author knows that the target only handles the signal. */
    kill(t: TargetRef, options: {signal: string; heal: Heal; nothing?: string | undefined}): Promise<Change>;
    stop(t: TargetRef, options: {graceMs: number; heal: Heal}): Promise<Change>;
    restart(t: TargetRef, options: {graceMs: number}): Promise<Change>;
  };
  network: {
    disconnect(t: TargetRef, options: {network: string | undefined}): Promise<readonly Change[]>;
  };
  resources: {
    cpuThrottle(t: TargetRef, options: {cpus: number}): Promise<Change>;
    memoryLimit(t: TargetRef, options: {bytes: number}): Promise<Change>;
    /** Processes and threads. */
    pidsLimit(t: TargetRef, options: {limit: number}): Promise<Change>;
  };
  /** stress-ng in the target's cgroup. It ends itself a while after `forMs`. */
  stress: {
    /** `load` is a share of one core for each worker; without `workers` as many as the target may use cores. */
    cpu(t: TargetRef, o: {workers: number | undefined; load: number; forMs: number}): Promise<Change>;
    /** Either `bytes` to take, or the `share` of its limit that is in use in the end. */
    memory(t: TargetRef, o: Amount & {forMs: number}): Promise<Change>;
    /** `bytes` for each worker, in the file system of a folder of the target. */
    io(t: TargetRef, o: {workers: number; bytes: number; path: string | undefined; forMs: number}): Promise<Change>;
  };
  disk: {
    fill(t: TargetRef, o: Amount & {path: string | undefined; marginBytes: number | undefined}): Promise<Change>;
  };
  descriptors: {
    /** `limit` is the new soft limit; without it `leave` more can be opened. `processes`: a regular expression. */
    exhaust(
      t: TargetRef,
      o: {leave: number; limit: number | undefined; processes: string | undefined},
    ): Promise<Change>;
  };
  shaping: {
    /** One change for each target: what its interfaces do to the packets that the filter means. */
    shape(
      targets: readonly TargetRef[],
      o: {impairment: Impairment; filter: PacketFilter; forMs: number},
    ): Promise<readonly Change[]>;
  };
  /** Processes inside the target. */
  processes: {
    pause(t: TargetRef, choice: ProcessChoice): Promise<Change>;
    kill(t: TargetRef, options: ProcessChoice & {signal: string; heal: Heal}): Promise<Change>;
  };
  /** HTTP/1 requests on the way to or from the target. */
  http: {
    treat(t: TargetRef, wish: HttpWish): Promise<Change>;
  };
  dns: {
    fail(t: TargetRef, wish: DnsWish): Promise<Change>;
  };
  partition: {
    /** One change for each cut, in order. */
    cut(cuts: readonly Cut[]): Promise<readonly Change[]>;
  };
  connection: {
    latency(t: TargetRef, o: Flow & {delayMs: number; jitterMs: number}): Promise<Change>;
    bandwidth(t: TargetRef, o: Flow & {bytesPerSecond: number}): Promise<Change>;
    down(t: TargetRef, o: {ttlMs: number}): Promise<Change>;
    reset(t: TargetRef, o: Part): Promise<Change>;
    /** Nothing arrives on these connections any more. */
    loss(t: TargetRef, o: Part): Promise<Change>;
    slowClose(t: TargetRef, o: Flow & {delayMs: number}): Promise<Change>;
    /** Swallows what passes; closes the connection `afterMs` later, or holds it when undefined. */
    timeout(t: TargetRef, o: Flow & {afterMs: number | undefined}): Promise<Change>;
    slicer(t: TargetRef, o: Flow & {averageBytes: number; variationBytes: number; delayMs: number}): Promise<Change>;
    limitData(t: TargetRef, o: Flow & {bytes: number}): Promise<Change>;
  };
  workload: {
    delete(t: TargetRef, options: {graceSeconds: number | undefined}): Promise<Change>;
    scale(t: TargetRef, options: {replicas: number}): Promise<Change>;
  };
  author: {
    act(
      t: TargetRef,
      o: {do: AuthorAction; undo: AuthorAction | {nothing: string} | undefined; proof: AuthorAction | undefined},
    ): Promise<Change>;
  };
  /** Processes that the file tells Firedrill to start: flip starts, undo stops. */
  provision: {
    start(t: TargetRef, selector: JsonObject): Promise<Change>;
  };
}

/** What one target no longer exchanges, and with whom. */
export interface Cut {
  readonly target: TargetRef;
  /** Other targets, wherever they are while it holds. Without these and without addresses in the filter: everyone. */
  readonly peers: readonly TargetRef[];
  readonly filter: PacketFilter;
  /** Packets vanish, or are answered as if nobody were there. */
  readonly action: 'drop' | 'reject';
  readonly forMs: number;
}

/** The epoch an actuator works under. `live` answers false once someone else took the run over: then nothing may be changed. */
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
  readonly name: DriverName;
  /** Version of the operations' arguments; debts of other versions are refused with the version that can undo them. */
  readonly version: number;
  /** Where a selector points, as data with which a fresh process reaches the same endpoint. References to secrets, no values. */
  address(selector: JsonObject, ambient: Ambient): JsonObject;
  reader(address: JsonObject, ambient: Ambient): Promise<Reader>;
  actuator(address: JsonObject, fence: Fence, ambient: Ambient): Promise<Actuator>;
}
