import type {Verdict} from '../verdict/result.js';

interface Judged {
  readonly verdict: Verdict | null;
  readonly metrics: readonly {readonly name: string; readonly verdict: Verdict | null}[];
}

const isDecided = (verdict: Verdict | null) => verdict === 'held' || verdict === 'deviated';

/**
 * Whether a run that does not have a finding could have had it: it was judged and not left open, and so was the metric
 * that the finding is about.
 */
export function couldShow({verdict, metrics}: Judged, {metric}: {readonly metric: string | null}): boolean {
  if (!isDecided(verdict)) return false;
  return metric === null || metrics.some(one => one.name === metric && isDecided(one.verdict));
}
