import type {AlertSummary, RunSummary} from './summary.js';

/** What the runs know of one alert. */
export interface AlertProof {
  /**
   * `proven`: it fired in time (and was over in time, where a file asks for that) in the run; `missed`: it has to and
   * did not, the last time; `never`: no run expected it, or none could tell.
   */
  readonly state: 'proven' | 'missed' | 'never';
  /** The newest run that says so; absent where none does. */
  readonly by?: {readonly run: string; readonly title: string; readonly startedAt: string; readonly seen: AlertSummary};
}

/** Whether a file meant this rule; it may have asked for labels, too. */
const isOf = (alert: AlertSummary, rule: string) => alert.alert === rule || alert.alert.startsWith(`${rule} {`);

/** Whether and by which of the runs, oldest first, an alerting rule was ever proven. */
export function proofOf(rule: string, runs: readonly RunSummary[]): AlertProof {
  const seen = runs.flatMap(({run, title, startedAt, alerts}) =>
    alerts.filter(one => isOf(one, rule)).map(one => ({run, title, startedAt, seen: one})),
  );
  // What was not due, or could not be read, is neither.
  const told = seen.filter(({seen: {outcome, verdict}}) => outcome !== 'not-due' && verdict !== 'inconclusive');
  const by = told.findLast(({seen: {verdict}}) => verdict !== null);
  if (by === undefined) return {state: 'never'};
  return {state: by.seen.verdict === 'held' ? 'proven' : 'missed', by};
}
