import type {Stop} from '../record/events.js';
import type {Json} from '../quantities/json.js';
import type {Unit} from '../quantities/unit.js';
import type {Debt} from '../targets/contract.js';
import type {AvailabilityResult} from './availability/result.js';
import type {ChangeResult} from './change-result.js';
import type {ActionItem, Finding, Severity} from './finding.js';
import type {OutsideValues} from './judgement/outside.js';
import type {LoadResult} from './loads/result.js';
import type {ActiveWindow} from './active-window.js';
import type {AlreadyBack, SettlingResult} from './outside-windows/result.js';
import type {TimesResult} from './times/result.js';
import type {Verdict} from '../statistics/decisions/verdict.js';

export type {ActionItem, Finding, Severity} from './finding.js';
export type {ActiveWindow} from './active-window.js';

export type {Verdict};

/** The versioned result of a run: every report format is a function of this and nothing else. Times are seconds since the run's start unless they are ISO strings. */
export interface Result {
  readonly version: 1;
  readonly judge: string;
  readonly run: string;
  readonly title: string;
  readonly hypothesis: string | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  readonly tool: string;
  readonly host: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationSeconds: number;
  readonly end: Stop;
  readonly exit: number;
  /** Null when nothing was judged (refused, not steady, interrupted before the fault). */
  readonly verdict: Verdict | null;
  /** The verdict in one sentence with figures, for the terminal's last line and the top of the report: the banner as one text. */
  readonly headline: string;
  /** The headline in its two parts: `DEVIATED` and what follows. */
  readonly banner: Banner;
  /** The highest severity of the findings; null without any. */
  readonly severity: Severity | null;
  /** What the file expects: `deviated` pins a known weakness. */
  readonly expected: 'held' | 'deviated';
  /** Why the verdict is not `held`: what deviated and what could not be judged, most important first. */
  readonly reasons: readonly string[];
  /** What it did to users, in figures. */
  readonly impact: readonly string[];
  /** What showed the effect first, and when. */
  readonly detection: string;
  readonly targets: readonly {
    readonly name: string;
    readonly driver: string;
    readonly kind: string;
    readonly object: string;
  }[];
  readonly occurrences: readonly OccurrenceResult[];
  readonly intervals: readonly Interval[];
  readonly metrics: readonly MetricResult[];
  readonly recovery: RecoveryResult;
  readonly times: TimesResult;
  readonly loads: readonly LoadResult[];
  readonly checks: readonly CheckResult[];
  readonly guards: readonly GuardResult[];
  readonly owed: readonly Debt[];
  /** What became of everything that was changed, in one sentence; absent in results of earlier versions. */
  readonly putBack?: string;
  readonly findings: readonly Finding[];
  readonly timeline: readonly TimelineRow[];
  readonly lessons: {
    readonly well: readonly string[];
    readonly wrong: readonly string[];
    readonly lucky: readonly string[];
  };
  readonly actionItems: readonly ActionItem[];
  readonly sources: readonly {readonly name: string; readonly what: string}[];
  readonly reproduce: {readonly command: string; readonly seed: number; readonly file: string; readonly sha256: string};
  /** What is missing from the record, in plain words. */
  readonly gaps: readonly string[];
}

/** How a run ended, in a word or two in capitals, and the sentence that goes with it. */
export interface Banner {
  readonly label: string;
  readonly text: string;
}

export interface Interval {
  readonly kind: 'warmup' | 'baseline' | 'transition' | 'on' | 'recovery';
  readonly from: number;
  readonly to: number;
  readonly occurrences: readonly string[];
}

export interface OccurrenceResult {
  readonly id: string;
  readonly fault: string;
  readonly kind: string;
  readonly label: string;
  readonly targets: readonly string[];
  /** What was done, in the words of the mechanism: one line a target. */
  readonly changes: readonly string[];
  /** The targets of changes that have no undo, and why: nothing can put it back, or there is nothing to put back. Absent where all have one. */
  readonly withoutUndo?: readonly {
    readonly target: string;
    readonly irreversible?: string;
    readonly nothing?: string;
  }[];
  readonly nature: 'state' | 'event';
  readonly heal: 'platform' | 'undo';
  readonly requestedAt: number | null;
  readonly confirmedAt: number | null;
  readonly undoRequestedAt: number | null;
  readonly undoneAt: number | null;
  /** First to last confirmation over the targets. */
  readonly skewSeconds: number | null;
  /** First to last verified undo over the targets; null where nothing was undone. */
  readonly undoSkewSeconds: number | null;
  /** When each target really had the fault; several windows where it was lost in between. */
  readonly windows: readonly ActiveWindow[];
  readonly inForce: 'yes' | 'lost' | 'no' | 'unknown';
  /** One sentence about the proof and the undo. */
  readonly note: string;
  readonly exercised: number | null;
  readonly step?: number;
  readonly verdict: Verdict | null;
}

export interface MetricResult {
  readonly name: string;
  readonly source: string;
  readonly unit: Unit;
  readonly worse: 'higher' | 'lower' | 'either';
  readonly tolerance: {
    readonly below?: number;
    readonly above?: number;
    readonly equals?: number;
    readonly settlesWithinSeconds: number;
  } | null;
  /** The allowed change against the baseline; absent where the file gives none, and in results of earlier versions. */
  readonly deviation?: {
    readonly by: number;
    readonly critical: number;
    readonly of: 'relative' | 'share' | 'unit';
    /** Whether it decides about this metric: it has no tolerance. */
    readonly decides: boolean;
    /** Name of the metric that measures the same on the control group. */
    readonly control?: string;
  };
  readonly judged: readonly ('fault' | 'recovery')[];
  readonly verdict: Verdict | null;
  /** Why it was not decided although it should have been, where others were: its baseline said that it hardly could. */
  readonly notDecided?: string;
  /** For a switchback: the answer over all blocks. */
  readonly overall?: DeviationResult;
  /** One plain sentence that an SRE understands without statistics. */
  readonly explanation: string;
  readonly intervals: readonly MetricInterval[];
  /** For the chart: at most 600 points a line; null is a gap. */
  readonly chart: readonly {
    readonly subject: string | null;
    readonly points: readonly (readonly [seconds: number, value: number | null])[];
  }[];
}

export interface MetricInterval {
  readonly kind: Interval['kind'];
  readonly occurrence: string | null;
  readonly from: number;
  readonly to: number;
  /** The metric over the whole interval: a merged quantile, a ratio of sums, or the median of samples. */
  readonly value: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly samples: number;
  readonly missing: number;
  readonly withinTolerance: boolean | null;
  readonly verdict: Verdict | null;
  readonly why: string;
  /** Samples (of a load: whole seconds) outside the tolerance, whatever the verdict about all of them; absent where there are none. */
  readonly outside?: OutsideValues;
  /** For fault intervals: what `settlesWithin` left out before `from`; absent where the metric was not outside its tolerance in it. */
  readonly settling?: SettlingResult;
  /** For fault intervals of metrics without a `deviation`: how it differs from the baseline. Reported, never decisive. */
  readonly change?: ChangeResult;
  /** Where an attempt to measure it failed because its target did, before or during: whether that got worse. Part of `verdict`. */
  readonly availability?: AvailabilityResult;
  /** What the metric's `deviation` says about this interval. It decides `verdict` where `decides` is true, else it is only told. */
  readonly deviation?: DeviationResult;
  /** For recovery intervals: whether the metric is where it was in the baseline (A-B-A). */
  readonly backToBaseline?: BackToBaselineResult;
}

/** The answer to "did it change by more than is allowed?": proven (`deviated`), disproven (`held`), or open with the reasons. */
export interface DeviationResult {
  /** What was compared: `before-after` two windows; `control` the distance to the control group; `switchback` blocks with the fault on and off. */
  readonly design: 'before-after' | 'control' | 'switchback';
  readonly verdict: Verdict;
  /** Primary metrics decide the verdict of the interval; others are shown. */
  readonly decides: boolean;
  /** A metric that does not decide, but changed by more than is allowed. */
  readonly alsoMoved: boolean;
  /** How bad a deviation is: beyond what is allowed, or even beyond the critical change. */
  readonly grade: 'degraded' | 'failed' | null;
  /** It was beyond what is allowed for a part of the time only. */
  readonly transient: boolean;
  /** Where only a part of the time proves it: when that part began at the earliest, and when it was proven; seconds into the interval. */
  readonly part: readonly [onset: number, proven: number] | null;
  /** How far it went in that part, by the same figure before and in it: in the metric's unit, and as a change in the terms of `allowed`; absent elsewhere. */
  readonly partChange?: {readonly from: number | null; readonly to: number | null; readonly size: number | null};
  /** The subject that decided, where the metric has several. */
  readonly subject: string | null;
  /** A share of the baseline, a difference of shares (0.01 is one of a hundred requests more), or one in the metric's unit. */
  readonly allowed: {readonly by: number; readonly critical: number; readonly of: 'relative' | 'share' | 'unit'};
  /** The typical value before (or with the fault off) and during, in the metric's unit; null where there is none. */
  readonly from: number | null;
  readonly to: number | null;
  /** Null when too little was measured. */
  readonly change: ChangeResult | null;
  /** For `inconclusive`: why, most important first. */
  readonly doubts: readonly {readonly code: string; readonly text: string}[];
  /** How long the baseline and the fault (for a switchback: the whole run) must each be to settle it, seconds; null when no length would. */
  readonly settlesSeconds: number | null;
  /** The availability of the same time, which is part of the verdict where this decides. */
  readonly availability?: AvailabilityResult;
  /** How long the shorter of the two windows was, seconds; null where too little was measured. */
  readonly comparedSeconds?: number | null;
  /** One plain sentence that an SRE understands without statistics. */
  readonly text: string;
}

/** The third window of an A-B-A design. */
export interface BackToBaselineResult {
  /** `back`: proven to be inside what is allowed, either way; `confounded-with-time`: proven outside, so that something beside the fault changed it; `open`: too little was seen. */
  readonly state: 'back' | 'confounded-with-time' | 'open';
  readonly text: string;
}

export interface RecoveryResult {
  readonly state: 'recovered' | 'not-recovered' | 'unknown' | 'not-watched';
  /** From the last undo (or T0 for platform-healed faults), seconds; an interval because samples are discrete. */
  readonly tookSeconds: readonly [number, number] | null;
  readonly withinSeconds: number;
  /** Where it was back before the recovery began, or never away, which `tookSeconds` cannot say: then this is told instead. */
  readonly already?: AlreadyBack;
  readonly basis: Json;
}

export interface CheckResult {
  readonly name: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly expected: string;
  readonly verdict: Verdict;
  readonly why: string;
}

export interface GuardResult {
  readonly metric: string;
  readonly limit: string;
  readonly tripped: boolean;
  readonly blind?: true;
  /** Closest it came to the limit, as a share of it (1 = reached); null without data. */
  readonly closest: number | null;
}

export interface TimelineRow {
  readonly at: string;
  readonly seconds: number;
  readonly what: string;
  /** Where the row comes from: `events.ndjson #12`. */
  readonly source: string;
  readonly kind: 'phase' | 'fault' | 'proof' | 'undo' | 'decision' | 'safety' | 'note';
}
