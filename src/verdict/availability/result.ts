import type {Verdict} from '../../statistics/decisions/verdict.js';

/** How many attempts to measure a metric failed because its target did. */
interface FailedAttempts {
  readonly failed: number;
  readonly attempts: number;
}

/** Whether the target of a metric failed more often with the fault than without it: evidence that its values do not show. */
export interface AvailabilityResult {
  /** `deviated`: proven to fail more often by more than is allowed; `inconclusive`: it may. */
  readonly verdict: Verdict;
  /** The subject that decided, where the metric has several. */
  readonly subject: string | null;
  /** By how much the share of failed attempts may rise: 0.01 is one of a hundred. */
  readonly allowed: number;
  readonly before: FailedAttempts;
  readonly during: FailedAttempts;
  /** The rise of the share, each limit wrong in one of a hundred runs at most; null where there was no attempt in one of the two. */
  readonly change: {readonly estimate: number; readonly lower: number; readonly upper: number} | null;
  /** How it failed during the fault, the most frequent first; `from` and `to`: the first and the last time, seconds since the run's start. */
  readonly reasons: readonly {
    readonly reason: string;
    readonly count: number;
    readonly from: number;
    readonly to: number;
  }[];
  /** `7 of 40 attempts failed: 503 ×7, from 16:10:22 to 16:10:28 (0 of 45 before, allowed +1%)`. */
  readonly text: string;
}
