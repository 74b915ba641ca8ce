import type {Facts} from './facts.js';
import {worstVerdict} from './metrics.js';
import type {OccurrenceFacts} from './occurrences.js';
import {count} from './phrase.js';
import type {MetricResult, OccurrenceResult, Verdict} from './result.js';
import {say} from './time.js';
import {activeWindows, exercisedInAll, undoSkew} from './windows.js';

/** Whether the platform restored its targets by itself; undefined where that was not asked of it or is not known. */
export function healedByPlatform({planned, settled, confirmedUs}: OccurrenceFacts): boolean | undefined {
  if (planned.heal !== 'platform' || confirmedUs === null || settled.length === 0) return undefined;
  return settled.every(answer => answer.outcome === 'already' || answer.outcome === 'gone');
}

/** Whether the fault was in force for as long as it was meant to be, as the proofs on the targets say. */
export function inForceOf({confirmedUs, lostUs, proofs}: OccurrenceFacts): OccurrenceResult['inForce'] {
  if (confirmedUs === null) return 'no';
  const last = proofs.at(-1);
  const again = lostUs !== null && proofs.some(proof => proof.confirmed && proof.us > lostUs);
  if (lostUs !== null && !again) return 'lost';
  if (last?.proofs.some(proof => proof.state === 'unknown') === true) return 'unknown';
  return 'yes';
}

function settlementNote(occurrence: OccurrenceFacts): string {
  const outcomes = new Map<string, number>();
  for (const debt of occurrence.debts) {
    const last = occurrence.settled.findLast(answer => answer.debt === debt.id);
    const outcome = last?.outcome ?? 'still owed';
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  if (outcomes.size === 0) return 'nothing was owed';
  return `undo: ${[...outcomes].map(([outcome, amount]) => `${amount} ${outcome}`).join(', ')}`;
}

function noteOf(occurrence: OccurrenceFacts, inForce: OccurrenceResult['inForce'], startUs: number): string {
  const {failed, lostUs, requestedUs, proofs} = occurrence;
  const undo = settlementNote(occurrence);
  if (inForce === 'no') {
    if (requestedUs === null && failed === null) return 'It was not injected.';
    return `It did not come into force (${failed ?? 'no proof was taken'}); ${undo}.`;
  }
  const targets = proofs.find(proof => proof.confirmed)?.proofs.length ?? 0;
  const proven = `proven on ${count(targets, 'target')}`;
  const lost = lostUs === null ? '' : `, not found any more ${say((lostUs - startUs) / 1e6)} into the run`;
  const again = lostUs !== null && inForce !== 'lost' ? ' and applied again' : '';
  return `In force: ${proven}${lost}${again}; ${undo}.`;
}

function verdictOf(
  occurrence: OccurrenceFacts,
  inForce: OccurrenceResult['inForce'],
  metrics: readonly MetricResult[],
): Verdict | null {
  if (inForce === 'no') return occurrence.requestedUs === null ? null : 'inconclusive';
  const intervals = metrics.flatMap(metric =>
    metric.intervals.filter(interval => interval.occurrence === occurrence.planned.id),
  );
  const verdict = worstVerdict(intervals.map(interval => interval.verdict));
  // Metrics that hold under a fault that was not there say nothing.
  return verdict === 'held' && inForce !== 'yes' ? 'inconclusive' : verdict;
}

/** The occurrences as the report tells them; each verdict is about its own interval. */
export function occurrenceResults(facts: Facts, metrics: readonly MetricResult[]): readonly OccurrenceResult[] {
  const seconds = (us: number | null) => (us === null ? null : facts.time.seconds(us));
  return facts.occurrences.map(occurrence => {
    const {planned} = occurrence;
    const inForce = inForceOf(occurrence);
    const windows = activeWindows(occurrence, facts.time);
    const taken = occurrence.proofs.find(proof => proof.confirmed)?.proofs.map(proof => facts.time.us(proof.at)) ?? [];
    return {
      id: planned.id,
      fault: planned.fault,
      kind: planned.kind,
      label: planned.label,
      targets: planned.targets.map(target => target.name),
      changes: planned.changes,
      nature: planned.nature,
      heal: planned.heal,
      requestedAt: seconds(occurrence.requestedUs),
      confirmedAt: seconds(occurrence.confirmedUs),
      undoRequestedAt: seconds(occurrence.undoRequestedUs),
      undoneAt: seconds(occurrence.settledUs),
      skewSeconds: taken.length === 0 ? null : Math.round((Math.max(...taken) - Math.min(...taken)) / 1000) / 1000,
      undoSkewSeconds: undoSkew(windows),
      windows,
      inForce,
      note: noteOf(occurrence, inForce, facts.startUs),
      exercised: exercisedInAll(windows),
      ...(planned.step === undefined ? {} : {step: planned.step}),
      verdict: verdictOf(occurrence, inForce, metrics),
    };
  });
}
