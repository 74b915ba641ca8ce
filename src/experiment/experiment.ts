import type {JsonObject} from '../quantities/json.js';
import type {Unit} from '../quantities/unit.js';
import type {AlertSelector, ExpectedAlertSpec} from '../signals/alerts/spec.js';
import type {LoadSpec} from '../signals/load/spec.js';
import type {NotifierSpec} from '../notifiers/spec.js';
import type {AuthorCommand} from '../quantities/command.js';
import type {StoredSpec} from '../signals/writes/spec.js';
import type {LogSpec} from '../signals/logs/spec.js';

export type {LoadSpec} from '../signals/load/spec.js';

/**
 * An experiment as the rest of the house sees it: checked, with defaults filled in and quantities as plain numbers
 * (durations in ms, rates per second, shares and ratios as 0 to 1, sizes in bytes). Strings may still hold
 * `${secret:…}` and `${load:…}` references: they are resolved at the moment of use.
 */
export interface Experiment {
  readonly version: 1;
  readonly title: string;
  readonly hypothesis?: string;
  readonly owner?: string;
  readonly tags: readonly string[];
  readonly sources: Readonly<Record<string, SourceSpec>>;
  readonly targets: Readonly<Record<string, TargetSpec>>;
  readonly load: Readonly<Record<string, LoadSpec>>;
  readonly steadyState: readonly MetricSpec[];
  /** What is followed as evidence; absent in records of earlier versions. */
  readonly logs?: readonly LogSpec[];
  /** Requests per second below which metrics from traffic that is not ours are inconclusive. */
  readonly minimumTraffic?: number;
  /** Commands before anything is measured, in order; absent in records of earlier versions. */
  readonly prepare?: readonly PreparationSpec[];
  /** Commands at the end of the run, in order; absent in records of earlier versions. */
  readonly cleanup?: readonly CleanupSpec[];
  readonly windows: WindowsSpec;
  /** Blocks with and without the fault in random order; undefined: baseline, then faults. */
  readonly switchback?: SwitchbackSpec;
  readonly control?: {readonly targets: readonly string[]};
  readonly objective?: ObjectiveSpec;
  readonly faults: readonly FaultSpec[];
  readonly guards: readonly GuardSpec[];
  /** Alerts that stop the run when they fire; absent where there are none, and in records of earlier versions. */
  readonly alertGuards?: readonly AlertSelector[];
  readonly expect: ExpectSpec;
  readonly safety: SafetySpec;
  /** Who is told of the run; absent where nobody is, and in records of earlier versions. */
  readonly notify?: readonly NotifierSpec[];
}

/** A command that prepares the run, and what puts it back. Without `undo` nothing does. */
export interface PreparationSpec {
  readonly name: string;
  readonly run: AuthorCommand;
  readonly undo?: AuthorCommand | {readonly nothing: string};
  /** Ends with 0 while it is prepared, with 1 when it is not. */
  readonly proof?: AuthorCommand;
}

/** A command that is owed at the end of the run. */
export interface CleanupSpec {
  readonly name: string;
  readonly run: AuthorCommand;
}

export interface WindowsSpec {
  readonly warmupMs: number;
  /** How long the baseline is measured; 0 where it is read from the past. */
  readonly baselineMs: number;
  /** How far back the baseline is read from Prometheus. */
  readonly lookBackMs?: number;
  readonly recoveryMs: number;
  /**
   * How long baseline and injection may each become while a metric that its deviation decides is open; undefined: they
   * stay as they are.
   */
  readonly goOnMs?: number;
}

export interface SwitchbackSpec {
  readonly blocks: number;
  readonly blockMs: number;
  /** Left out at the start of each block. */
  readonly washoutMs: number;
  /** Whether the fault is on in each block; drawn when the run is planned. */
  readonly order?: readonly boolean[];
}

export interface ObjectiveSpec {
  readonly metric: string;
  /** Share of good events that is promised, below 1. */
  readonly target: number;
  readonly windowMs: number;
}

export interface SourceSpec {
  readonly prometheus?: string;
  readonly alertmanager?: string;
}

export interface TargetSpec {
  readonly name: string;
  readonly driver: string;
  /** As the driver's selector schema normalised it. */
  readonly selector: JsonObject;
  readonly where?: {readonly command: readonly string[]; readonly matches: string};
  /** Undefined: there must be exactly one candidate. */
  readonly select?:
    | {readonly mode: 'all'}
    | {readonly mode: 'count'; readonly count: number; readonly seed?: number}
    | {readonly mode: 'percent'; readonly share: number; readonly seed?: number};
}

export interface MetricSpec {
  readonly name: string;
  /** `load`, or the name of a probe: http, tcp, command, prometheus, docker, process, kubernetes. */
  readonly source: string;
  /** As the probe's own schema normalised it; for `load`: {of, measure, request?}. */
  readonly parameters: JsonObject;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly unit: Unit;
  /** The bad direction. Derived from the tolerance or the measure where the file does not say. */
  readonly worse: 'higher' | 'lower' | 'either';
  readonly tolerance?: ToleranceSpec;
  readonly deviation?: DeviationSpec;
  readonly judge: readonly ('fault' | 'recovery')[];
  /** Name of the metric that measures the same on the control group. */
  readonly control?: string;
  /** Events per second below which it says nothing; of metrics that count traffic which is not ours. */
  readonly minimumTraffic?: number;
}

/**
 * The allowed change against the baseline, 0.1 is 10 %: relative to it, or, for a metric that is a share of bad events,
 * a difference of shares. From `critical` on it is a failure. `absolute`: both are differences in the metric's unit.
 */
export interface DeviationSpec {
  readonly by: number;
  readonly critical: number;
  readonly absolute?: true;
}

/**
 * Bounds of a number, in its unit; several hold together. `below` and `above` leave the bound itself out, `atLeast` and
 * `atMost` do not; `between: [a, b]` is at least the one and at most the other.
 */
export interface Bounds<T = number> {
  readonly below?: T;
  readonly above?: T;
  readonly equals?: T;
  readonly atLeast?: T;
  readonly atMost?: T;
}

/** The keys of `Bounds`, in the order in which they are told. */
export const BOUNDS = ['equals', 'above', 'atLeast', 'below', 'atMost'] as const satisfies readonly (keyof Bounds)[];

/** The times of a run in which a tolerance may apply. */
export const TOLERANCE_TIMES = ['baseline', 'fault', 'recovery'] as const;
export type ToleranceTime = (typeof TOLERANCE_TIMES)[number];

export interface ToleranceSpec extends Bounds {
  readonly settlesWithinMs: number;
  /** When the metric must keep to it; without it always. */
  readonly during?: readonly ToleranceTime[];
}

export interface FaultSpec {
  readonly name: string;
  /** The fault's registry name: `pause`. */
  readonly fault: string;
  /** As the fault's schema normalised it. With steps: of the first step. */
  readonly parameters: JsonObject;
  /** Names of `targets`. Empty only for faults that hit the host itself (command). */
  readonly targets: readonly string[];
  readonly forMs: number;
  readonly after: AfterSpec;
  /** One entry per step: the whole normalised parameters of that step and its label ("delay 50ms"). */
  readonly steps?: {
    readonly parameters: readonly JsonObject[];
    readonly labels: readonly string[];
    readonly stopOnDeviation: boolean;
  };
  readonly repeat?: {readonly everyMs: number; readonly times: number; readonly targets: 'same' | 'redraw'};
  readonly heal: 'platform' | 'undo' | 'default' | 'leave' | HealCommand;
  readonly keep: boolean;
}

/** A command that brings a target back, and one that ends with 0 once it is. */
export interface HealCommand {
  readonly run: AuthorCommand;
  readonly proof?: AuthorCommand;
}

/**
 * From the end of the baseline, or from an edge of another fault (its first occurrence starts / is confirmed, its last
 * ends).
 */
export type AfterSpec =
  | {readonly from: 'baseline'; readonly ms: number}
  | {
      readonly from: 'fault';
      readonly fault: string;
      readonly edge: 'starts' | 'confirmed' | 'ends';
      readonly ms: number;
      /** Only where the other, once it has ended, did so; else it is not injected at all. */
      readonly onlyIf?: 'held' | 'deviated';
    };

export interface GuardSpec {
  readonly metric: string;
  readonly above?: number;
  readonly below?: number;
  readonly forMs: number;
}

export interface ExpectSpec {
  readonly recovery: {readonly withinMs: number};
  readonly checks: readonly CheckSpec[];
  /** Absent in records of earlier versions. */
  readonly times?: readonly TimeLimitSpec[];
  /** Absent in records of earlier versions. */
  readonly writes?: readonly WritesSpec[];
  /** Alerts that must fire. Absent where there are none, and in records of earlier versions. */
  readonly alerts?: readonly ExpectedAlertSpec[];
  /** Alerts that must not fire. Absent as above. */
  readonly forbid?: readonly AlertSelector[];
  readonly verdict: 'held' | 'deviated';
}

/**
 * A time with a limit of its own: until a metric is inside its tolerance for good, for how long it is outside in all,
 * or how long an undo takes.
 */
export type TimeLimitSpec = {readonly name: string; readonly limitMs: number} & (
  | {readonly of: 'inside'; readonly metric: string; readonly from: 'injection' | 'undo'}
  | {readonly of: 'outside'; readonly metric: string}
  | {readonly of: 'undo'; readonly fault: string}
);

/** Writes of a load that are compared with what is stored at the end. Bounds that are not there: only told. */
export interface WritesSpec {
  readonly name: string;
  readonly load: string;
  /** In a load with scenarios: which of its requests. */
  readonly request?: string;
  readonly stored: StoredSpec;
  /** Acknowledged, and not stored. */
  readonly lost: Bounds;
  /** Stored more than once. */
  readonly doubled?: Bounds;
  /** Stored, although the request had no good answer. */
  readonly unacknowledged?: Bounds;
}

/** Read once before the injection and once after the recovery. */
export interface CheckSpec {
  readonly name: string;
  readonly source: string;
  readonly parameters: JsonObject;
  /** When a read without an answer counts as missing. */
  readonly timeoutMs?: number;
  readonly unit?: Unit;
  /** What the value after the run must be. */
  readonly value?: ComparisonSpec;
  /** What (after − before) must be. */
  readonly change?: ComparisonSpec;
}

/** Numbers, or a reference such as `${load:checkout.accepted}` that is known only after the run. */
export type ComparisonSpec = Bounds<number | string>;

export interface SafetySpec {
  readonly maxTargets: number;
  readonly maxShare: number;
  readonly irreversible: 'refuse' | 'allow';
}
