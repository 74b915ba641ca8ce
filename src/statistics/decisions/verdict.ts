/** What a run, an interval or a metric says about the hypothesis: proven to hold, proven not to, or neither. */
export type Verdict = 'held' | 'deviated' | 'inconclusive';
