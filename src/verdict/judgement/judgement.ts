import type {Verdict} from '../result.js';
import type {OutsideValues} from './outside.js';

/** What a metric did in one window. Values are in the metric's unit. */
export interface WindowJudgement {
  /** Over the whole window: the measure over all requests, or the median of the samples of the subject that decided. */
  readonly value: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Requests sent, or samples with a number. */
  readonly samples: number;
  /** Requests that could not be sent, or samples without a number. */
  readonly missing: number;
  readonly withinTolerance: boolean | null;
  /** Null: the metric has no tolerance. */
  readonly verdict: Verdict | null;
  readonly why: string;
  /** The subject that decided, where the metric has several. */
  readonly subject?: string;
  /** Single values outside the tolerance, whatever the window as a whole says; absent where there are none. */
  readonly outside?: OutsideValues;
}
