/** What the generator of a load did: whether its figures are the target's. Lateness in ms. */
export interface LoadResult {
  readonly load: string;
  readonly intended: number;
  readonly sent: number;
  readonly unsent: number;
  readonly askedPerSecond: number;
  readonly achievedPerSecond: number;
  /** How long after their intended moments requests left; null when nothing was sent, or the record does not say. */
  readonly lag: {readonly p50: number | null; readonly p99: number | null};
  /** Variance over mean of requests per 10 ms, as they left and as they were due: 0 is even, 1 is Poisson, more is bursts. */
  readonly dispersion: {readonly sent: number; readonly planned: number} | null;
  /** Judged intervals in which the generator was the limit. */
  readonly limited: readonly {readonly interval: string; readonly why: string}[];
}
