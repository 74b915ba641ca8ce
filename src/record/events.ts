import type {Experiment} from '../experiment/experiment.js';
import type {Policy} from '../experiment/policy.js';
import type {Instant} from '../quantities/instant.js';
import type {Json, JsonObject} from '../quantities/json.js';
import type {Unit} from '../quantities/unit.js';
import type {ReadAlert} from '../signals/alerts/spec.js';
import type {LoadTotals} from '../signals/contract.js';
import type {LogRecord} from '../signals/logs/spec.js';
import type {ComparedWrites} from '../signals/writes/spec.js';
import type {Debt, NoUndo, Proof, Settled, TargetRef} from '../targets/contract.js';
import type {Mishap, Surrounding} from '../targets/surroundings.js';

export type Phase = 'prepare' | 'warmup' | 'baseline' | 'fault' | 'recovery' | 'leak-check';

/** Why a run ended, or an undo was asked for. */
export interface StopReason {
  readonly kind:
    'done' | 'not-steady' | 'locked' | 'refused' | 'guard' | 'stopped' | 'signal' | 'deadline' | 'not-injected' | 'bug';
  readonly detail: string;
  /** For `signal`: its number. */
  readonly signal?: number;
}

/** A metric that should decide and whose baseline says that it hardly can. */
export interface Demotion {
  readonly metric: string;
  /** A clause with the figure, and what would do. */
  readonly why: string;
}

/** One injection, planned: what the timeline makes of a fault with its steps and repeats. */
export interface PlannedOccurrence {
  readonly id: string;
  readonly fault: string;
  readonly kind: string;
  readonly nature: 'state' | 'event';
  readonly heal: 'platform' | 'undo';
  readonly label: string;
  readonly forMs: number;
  /**
   * Where it may go on: how long it has been in force at each planned look, the first of them `forMs`, the last the
   * longest. Absent: it does not.
   */
  readonly looksMs?: readonly number[];
  readonly targets: readonly TargetRef[];
  readonly changes: readonly string[];
  /** Index of the step, where the fault has steps. */
  readonly step?: number;
  /** Index of the block, from 0 over on and off blocks, in a switchback. */
  readonly block?: number;
}

/**
 * The record's events: versioned, additive. A field is never removed or given another meaning; the reader ignores
 * unknown types.
 */
export type EventBody =
  | {
      readonly type: 'run.started';
      readonly run: string;
      readonly experiment: Experiment;
      readonly occurrences: readonly PlannedOccurrence[];
      readonly seed: number;
      readonly tool: string;
      readonly command: string;
      readonly file: {readonly path: string; readonly sha256: string};
      readonly host: string;
      /** The policies that it was held against; absent in records of earlier versions. */
      readonly policies?: readonly Policy[];
    }
  | {
      readonly type: 'phase.entered';
      readonly phase: Phase;
      readonly lastsMs: number | null;
      /** Of a baseline that was read from the past: the time it is about, mono µs. */
      readonly past?: {readonly fromUs: number; readonly toUs: number};
    }
  /** The times of the plan were changed before the injection, as far as they may go on: this is what was run. */
  | {
      readonly type: 'resized';
      readonly experiment: Experiment;
      readonly occurrences: readonly PlannedOccurrence[];
      readonly why: string;
    }
  | {
      readonly type: 'targets.resolved';
      readonly hit: readonly TargetRef[];
      /** The control group: never hit, compared with. */
      readonly control?: readonly TargetRef[];
      readonly facets: Readonly<Record<string, JsonObject>>;
    }
  | {
      readonly type: 'series.opened';
      readonly id: number;
      readonly metric: string;
      readonly unit: Unit;
      readonly subject?: string;
    }
  /** Whom an injection hits, and how: `where` was asked again right before it. */
  | {
      readonly type: 'targets.decided';
      readonly occurrence: string;
      readonly targets: readonly TargetRef[];
      readonly changes: readonly string[];
    }
  | {readonly type: 'debts.owed'; readonly occurrence: string; readonly debts: readonly Debt[]}
  | {
      readonly type: 'change.requested';
      readonly occurrence: string;
      /** The changes that owe nothing, and why; left out where all have an undo, and by earlier versions. */
      readonly withoutUndo?: readonly WithoutUndo[];
    }
  | {readonly type: 'change.confirmed'; readonly occurrence: string; readonly proofs: readonly Proof[]}
  | {readonly type: 'change.failed'; readonly occurrence: string; readonly why: string}
  | {
      readonly type: 'proof.changed';
      readonly occurrence: string;
      readonly proofs: readonly Proof[];
      /** In the order of the proofs: when each was last seen in force before, since it was confirmed; null: not yet. */
      readonly lastInForce?: readonly (Instant | null)[];
    }
  /** A look at an injection that may go on (`looksMs`): with `open` it is held on until the next look, else it ends. */
  | {
      readonly type: 'looked';
      readonly occurrence: string;
      /** Which of the planned looks, from 1, and how many there are. */
      readonly look: number;
      readonly looks: number;
      /**
       * `settled`: every metric that decides is proven either way, or one has deviated; `open`; `hopeless`: the time
       * that is left would not settle it.
       */
      readonly answer: 'settled' | 'open' | 'hopeless';
      /** What is not settled yet, and why. */
      readonly open: readonly {readonly metric: string; readonly why: string}[];
      /**
       * Where it is held on: until the next look, ms from its confirmation, and how much longer than now at most, ms.
       */
      readonly untilMs?: number;
      readonly moreMs?: number;
    }
  /** The fault interval of an occurrence is over; for platform-healed events no undo follows at once. */
  | {readonly type: 'hold.ended'; readonly occurrence: string; readonly why: string}
  | {
      readonly type: 'undo.requested';
      readonly occurrence: string;
      readonly why: StopReason;
      /** How many undos: 0 where its time is over and there is nothing to carry out. Left out by earlier versions. */
      readonly undos?: number;
    }
  | {readonly type: 'debts.settled'; readonly occurrence: string; readonly settled: readonly Settled[]}
  | {
      readonly type: 'decided';
      /**
       * `step-deviated`: `yes` ends a series of steps that says `stopOn: deviation`; the basis names the occurrence.
       * `condition`: whether a fault with `after: {if: …}` is injected; the basis names it, the other, and how that
       * was.
       */
      readonly what: 'steady' | 'guard' | 'recovered' | 'step-deviated' | 'condition';
      readonly answer: 'yes' | 'no' | 'unknown';
      readonly basis: Json;
      /**
       * Of `steady`: metrics that hardly can answer while others can. They do not keep the verdict open; absent: there
       * are none.
       */
      readonly demoted?: readonly Demotion[];
    }
  | {
      readonly type: 'check.read';
      readonly check: string;
      readonly when: 'before' | 'after';
      readonly value: number | null;
      readonly why?: string;
      /** What the loads had counted when the read began and when it had ended; left out by earlier versions. */
      readonly loads?: Readonly<Record<string, TotalsOfRead>>;
    }
  /** What is stored was listed for a check of writes; null: it could not be. */
  | {
      readonly type: 'writes.listed';
      readonly check: string;
      readonly when: 'before' | 'after';
      readonly entries: number | null;
      readonly why?: string;
    }
  /** The writes of a load, beside the last list of what is stored. */
  | {
      readonly type: 'writes.compared';
      readonly check: string;
      /** How many lists were read after the load; whether the last two agreed, or one said that nothing is missing. */
      readonly lists: number;
      readonly settled: boolean;
      /** Writes that the first list did not have and the last one had. */
      readonly late: number;
      readonly writes: ComparedWrites;
    }
  /**
   * What a source says of the alerts that the file names: on record whenever it is not what the one before said, when
   * it cannot be read any more, when it can again, and at the end of the run.
   */
  | {
      readonly type: 'alerts.read';
      /** Name of an entry of `sources`. */
      readonly source: string;
      /** When the source was asked last before this and answered as the event before tells; null: never. Mono µs. */
      readonly sinceUs: number | null;
      /** `changed`: it is not what it was in the event before. Null: it could not be read. */
      readonly alerts: readonly (ReadAlert & {readonly changed?: true})[] | null;
      readonly why?: string;
    }
  /** A look around the targets: once before the injection, once while the first fault is in force, once at the end. */
  | {
      readonly type: 'surroundings.seen';
      readonly when: 'before' | 'during' | 'after';
      readonly targets: readonly Surrounding[];
      /** Since the look before. */
      readonly mishaps: readonly Mishap[];
    }
  | LogRecord
  | {readonly type: 'takeover'; readonly from: number; readonly why: string}
  | {
      readonly type: 'leaks.checked';
      readonly touched: readonly FacetDifference[];
      readonly collateral: readonly FacetDifference[];
      /** Nothing puts it back, or someone else's value was left in place. Left out by earlier versions. */
      readonly left?: readonly FacetDifference[];
    }
  | {readonly type: 'noted'; readonly level: 'info' | 'warning'; readonly text: string}
  | {readonly type: 'run.ended'; readonly why: StopReason};

/** What a load had counted around a read: somewhere in between is what it had when the value was taken. */
export interface TotalsOfRead {
  readonly from: LoadTotals;
  readonly to: LoadTotals;
}

/** A change that owes nothing, on the target it is made to. */
export type WithoutUndo = NoUndo & {
  readonly ref: TargetRef;
  /** Facets that it alters: for good where it is irreversible. */
  readonly touches: readonly string[];
};

/** A facet that reads differently after the run: `touched` ones mean code 6, collateral ones are findings. */
export interface FacetDifference {
  /** The object, as the driver knows it. */
  readonly target: string;
  /** As people know it; left out by earlier versions. */
  readonly name?: string;
  readonly facet: string;
  readonly before: Json;
  readonly after: Json;
}

export type Event = EventBody & {
  readonly v: 1;
  readonly seq: number;
  readonly epoch: number;
  readonly by: 'runner' | 'guardian' | 'recover';
  readonly at: Instant;
  readonly audience: 'all' | 'staff';
};

/** Whether it is an object with these fields. */
export function has(value: unknown, ...keys: readonly string[]): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && keys.every(key => key in value);
}

/** The version of the events; a line of another one is not read as if it were one of ours. */
const VERSION = 1;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

export const isEvent = (value: unknown): value is Event =>
  has(value, 'v', 'seq', 'type', 'at', 'epoch') &&
  value['v'] === VERSION &&
  typeof value['type'] === 'string' &&
  isCount(value['seq']) &&
  isCount(value['epoch']) &&
  has(value['at'], 'mono', 'wall', 'boot');
