import type {Experiment} from '../../experiment/experiment.js';
import type {Instant} from '../../quantities/instant.js';
import type {Json, JsonObject} from '../../quantities/json.js';
import type {Unit} from '../../quantities/unit.js';
import type {Debt, Proof, Settled, TargetRef} from '../../targets/contract.js';

export type Phase = 'prepare' | 'warmup' | 'baseline' | 'fault' | 'recovery' | 'leak-check';

/** Why a run ended, or an undo was asked for. */
export interface Stop {
  readonly kind:
    'done' | 'not-steady' | 'locked' | 'refused' | 'guard' | 'stopped' | 'signal' | 'deadline' | 'not-injected' | 'bug';
  readonly detail: string;
  /** For `signal`: its number. */
  readonly signal?: number;
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
  readonly targets: readonly TargetRef[];
  readonly changes: readonly string[];
  /** Index of the step, where the fault has steps. */
  readonly step?: number;
  /** Index of the block, from 0 over on and off blocks, in a switchback. */
  readonly block?: number;
}

/** The record's events: versioned, additive. A field is never removed or given another meaning; the reader ignores unknown types. */
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
    }
  | {
      readonly type: 'phase.entered';
      readonly phase: Phase;
      readonly lastsMs: number | null;
      /** Of a baseline that was read from the past: the time it is about, mono µs. */
      readonly past?: {readonly fromUs: number; readonly toUs: number};
    }
  /** The times of the plan were changed before the injection, as far as `--resize` allows: this is what was run. */
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
  | {readonly type: 'debts.owed'; readonly occurrence: string; readonly debts: readonly Debt[]}
  | {readonly type: 'change.requested'; readonly occurrence: string}
  | {readonly type: 'change.confirmed'; readonly occurrence: string; readonly proofs: readonly Proof[]}
  | {readonly type: 'change.failed'; readonly occurrence: string; readonly why: string}
  | {
      readonly type: 'proof.changed';
      readonly occurrence: string;
      readonly proofs: readonly Proof[];
      /** In the order of the proofs: when each was last seen in force before, since it was confirmed; null: not yet. */
      readonly lastInForce?: readonly (Instant | null)[];
    }
  /** The fault interval of an occurrence is over; for platform-healed events no undo follows at once. */
  | {readonly type: 'hold.ended'; readonly occurrence: string; readonly why: string}
  | {readonly type: 'undo.requested'; readonly occurrence: string; readonly why: Stop}
  | {readonly type: 'debts.settled'; readonly occurrence: string; readonly settled: readonly Settled[]}
  | {
      readonly type: 'decided';
      readonly what: 'steady' | 'guard' | 'recovered';
      readonly answer: 'yes' | 'no' | 'unknown';
      readonly basis: Json;
    }
  | {
      readonly type: 'check.read';
      readonly check: string;
      readonly when: 'before' | 'after';
      readonly value: number | null;
      readonly why?: string;
    }
  | {readonly type: 'takeover'; readonly from: number; readonly why: string}
  | {
      readonly type: 'leaks.checked';
      readonly touched: readonly FacetDifference[];
      readonly collateral: readonly FacetDifference[];
    }
  | {readonly type: 'noted'; readonly level: 'info' | 'warning'; readonly text: string}
  | {readonly type: 'run.ended'; readonly why: Stop};

/** A facet that reads differently after the run. `touched` ones are ours and mean code 6; collateral ones are findings. */
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

const START = 'start ';

/** The occurrence under which a process that Firedrill starts for the run is kept: its undo is to stop it. */
export function startOccurrence(target: string): string {
  return `${START}${target}`;
}

/** The target that was started under this occurrence; undefined for an injection. */
export function startedTarget(occurrence: string): string | undefined {
  return occurrence.startsWith(START) ? occurrence.slice(START.length) : undefined;
}
