/** An estimate with limits, each wrong in one of a hundred runs at most. */
export interface Estimate {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

/** When the metrics deviated and were back, and what was lost. Measured against the baseline; where a tolerance is given it decides. */
export interface TimesResult {
  readonly metrics: readonly MetricTimes[];
  readonly loads: readonly LoadLosses[];
  /** Null: the file gives no `objective`, or nothing is known of it. */
  readonly budget: BudgetResult | null;
}

/** A recovery: not before `atLeast`, by `atMost`; null: longer than was watched. */
export interface RecoveryInterval {
  readonly atLeast: number;
  readonly atMost: number | null;
  /** After a relapse: by then it was proven to be away again. */
  readonly relapsedBy?: number;
}

/** Deviation times duration, positive is worse; `from` and `to` are seconds after T0. */
export interface AreaResult {
  readonly from: number;
  readonly to: number;
  /** In baseline-seconds: 30 is as much as 30 s at twice the baseline; null where the baseline is about zero. */
  readonly relative: Estimate | null;
  /** In the metric's unit times seconds; of shares of errors, seconds in which everything fails. */
  readonly absolute: Estimate;
}

/** The times of one metric and occurrence; of several subjects, of the one that was away longest. */
export interface MetricTimes {
  readonly metric: string;
  readonly occurrence: string;
  readonly subject?: string;
  /** What counts as a deviation: 0.1 is a tenth of the baseline (`relative`), ten of a hundred requests (`share`), or so much in the metric's unit. */
  readonly allowed: {readonly by: number; readonly of: 'relative' | 'share' | 'unit'};
  /**
   * It began between the two, and by the second it was proven. Seconds after T0: below 0 where it may have begun between the request and T0;
   * null: none was proven.
   */
  readonly onset: readonly [earliest: number, detected: number] | null;
  /** Why no onset could be looked for. */
  readonly unknown?: string;
  /**
   * When it was back within the allowed change of its baseline, seconds after the undo (T0 where the platform heals); null: there was nothing
   * to come back from, or it was not watched.
   */
  readonly recovered: RecoveryInterval | null;
  /** The same by its tolerance, which decides where there is one: when it was inside for good. Null: it was not, or never left it. */
  readonly tolerated: readonly [number, number] | null;
  /** Where it was inside its tolerance again before the undo: when it was last seen outside, seconds after T0 (of what happens once: after its request). */
  readonly toleratedBeforeUndo?: number;
  /** All recoveries in order: more than one means that it relapsed. The last one is `recovered`. */
  readonly recoveries: readonly RecoveryInterval[];
  readonly watchedSeconds: number | null;
  readonly area: AreaResult | null;
  /** One plain sentence. */
  readonly text: string;
}

/** What one occurrence cost the requests of a load, from its injection until the metrics of the load were back. */
export interface LoadLosses {
  readonly load: string;
  readonly occurrence: string;
  /** Seconds after T0. */
  readonly from: number;
  readonly to: number;
  readonly sent: number;
  readonly failed: number;
  /** Failures above what the baseline's share would have given. */
  readonly lost: Estimate;
  /** Answers short of the baseline's throughput; null where the pace was not the same. */
  readonly notServed: Estimate | null;
  readonly text: string;
}

export interface BudgetResult {
  readonly metric: string;
  /** Share of good events that is promised. */
  readonly target: number;
  readonly windowSeconds: number;
  /** Share of the window's budget that was used up from the first injection to the end of the recovery. */
  readonly spent: number;
  /** While the faults were in force: 1 would use the budget up in exactly the window. Null: nothing was measured then. */
  readonly burnRate: number | null;
  /** At that rate; null without failures. */
  readonly usedUpInSeconds: number | null;
  /** The recommended alerts of the SRE workbook, with the baseline as the history before the run. */
  readonly alerts: readonly {
    readonly longSeconds: number;
    readonly shortSeconds: number;
    readonly rate: number;
    readonly kind: 'page' | 'ticket';
    /** After the first injection; 0: it was firing already; null: it would not have fired. */
    readonly firedAfterSeconds: number | null;
  }[];
  /** One plain sentence. */
  readonly text: string;
}
