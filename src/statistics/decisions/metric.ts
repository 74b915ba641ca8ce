import type {CumulativeCounts} from '../../quantities/prometheus/classic-histogram.js';
import type {Verdict} from './verdict.js';
import type {GroupWindows} from '../designs/control-group.js';
import type {FlowSecond} from '../capacity/usl.js';
import type {CountBin} from '../effects/counts.js';
import type {LatencySecond} from '../effects/latency-table.js';
import type {Bins} from '../series/bins.js';
import type {Detection} from '../times/detector.js';
import type {Comparison} from './comparison.js';

/** A block of a switchback: the metric over its settled part; null when nothing was measured in it. */
export interface MeasuredBlock {
  readonly on: boolean;
  readonly value: number | null;
}

/** What was measured of a metric in the baseline and during the fault. */
export type Measured =
  | {readonly kind: 'bins'; readonly baseline: Bins; readonly fault: Bins}
  /**
   * Failures among requests, second by second. The allowed deviation is a difference of shares: 0.01 is one of a
   * hundred requests.
   */
  | {
      readonly kind: 'counts';
      readonly baseline: readonly CountBin[];
      readonly fault: readonly CountBin[];
      /** The larger share of a window in which nothing could be counted. */
      readonly missing?: number;
    }
  /** A classic histogram, bin by bin: quantiles are known only as well as its bounds tell. */
  | {
      readonly kind: 'buckets';
      readonly quantile: number;
      readonly baseline: readonly (CumulativeCounts | null)[];
      readonly fault: readonly (CumulativeCounts | null)[];
    }
  | {
      readonly kind: 'latency';
      readonly quantile: number;
      readonly baseline: readonly LatencySecond[];
      readonly fault: readonly LatencySecond[];
    }
  /** A load whose rate is swept, second by second. */
  | {readonly kind: 'capacity'; readonly baseline: readonly FlowSecond[]; readonly fault: readonly FlowSecond[]}
  /**
   * The targets that were hit and those that were not, at the same times; `share`: of failures, so that changes are
   * differences.
   */
  | {readonly kind: 'groups'; readonly share: boolean; readonly hit: GroupWindows; readonly control: GroupWindows}
  /** Blocks with the fault on and off in a random order. */
  | {readonly kind: 'blocks'; readonly share: boolean; readonly blocks: readonly MeasuredBlock[]};

export interface JudgedMetric {
  readonly name: string;
  readonly measured: Measured;
  readonly worse: 'higher' | 'lower' | 'either';
  /** Allowed change: relative (0.1 = 10 %), or of a share for counts. */
  readonly by: number;
  /** Change from which it is a failure. */
  readonly critical: number;
  /** Both are differences in the metric's unit. Not for counts. */
  readonly absolute?: boolean;
  /** Primary metrics decide; secondary ones are only shown. */
  readonly primary: boolean;
  /** The steady-state gate said that the baseline was not steady. */
  readonly unsteady?: boolean;
  /** The series is a moving average (`rate[w]` longer than the step): its bins are not what was measured in them. */
  readonly smoothed?: boolean;
  /**
   * What was measured is no ground for any verdict: too little traffic, or a load that was not sent as it was meant.
   */
  readonly unreliable?: 'little-traffic' | 'under-sent';
  /**
   * Latencies of requests that left late look longer than they were: during the fault that can look like a deviation,
   * before it can hide one.
   */
  readonly late?: 'before' | 'during' | 'both';
}

/** Why a comparison is open. */
export type Doubt =
  | 'nothing-measured'
  | 'signal-lost'
  | 'few-levels'
  | 'not-saturated'
  | 'no-traffic'
  | 'little-traffic'
  | 'under-sent'
  | 'late-before'
  | 'late-during'
  | 'gaps'
  | 'few-values'
  | 'few-independent-values'
  | 'unsteady-baseline'
  | 'smoothed'
  | 'several-metrics'
  | 'brief-change'
  | 'wide-interval';

export interface MetricVerdict {
  readonly name: string;
  readonly primary: boolean;
  readonly verdict: Verdict;
  /** How bad a deviation is: proven beyond the allowed change, or even beyond the critical one. */
  readonly grade: 'degraded' | 'failed' | null;
  /** The deviation was in a part of the window only: its mean is inside the allowed change. */
  readonly transient: boolean;
  /** The mean of the whole window proves it; else a part of the window did, see `detection`. */
  readonly lasting: boolean;
  /** For `inconclusive`: why, most important first. */
  readonly doubts: readonly Doubt[];
  /** Seconds (or bins, or blocks) of both windows that would settle it; null when none is known. */
  readonly settles: number | null;
  /** For secondary metrics: worth showing as "also moved". */
  readonly moved: boolean;
  readonly comparison: Comparison | undefined;
  readonly detection: Detection | undefined;
}
