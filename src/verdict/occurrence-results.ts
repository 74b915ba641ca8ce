import type {Proof} from '../targets/contract.js';
import {unmetCondition, unmetWords} from './conditions.js';
import type {WithoutUndo} from '../record/events.js';
import type {Facts} from './facts.js';
import {worstVerdict} from './metrics.js';
import type {OccurrenceFacts} from './occurrences.js';
import {count} from './phrase.js';
import {lastAnswer, remarks} from './put-back.js';
import type {MetricResult, OccurrenceResult, Verdict} from './result.js';
import {say} from './time.js';
import {activeWindows, exercisedInAll, undoSkew} from './windows.js';

/**
 * Whether the platform restored its targets by itself; undefined where that was not asked of it or is not known. Not
 * where its undo was asked for, because its time was over, nor where settling had something to undo. Live and
 * afterwards.
 */
export function healedByPlatform({planned, settled, confirmedUs, undoWhy}: OccurrenceFacts): boolean | undefined {
  if (planned.heal !== 'platform' || confirmedUs === null || settled.length === 0) return undefined;
  if (undoWhy?.kind === 'deadline') return false;
  return settled.every(answer => answer.outcome === 'already' || answer.outcome === 'gone');
}

/** Whether the fault was in force for as long as it was meant to be, as the proofs on the targets say. */
export function inForceOf(occurrence: OccurrenceFacts): OccurrenceResult['inForce'] {
  const {confirmedUs, lostUs, proofs} = occurrence;
  if (confirmedUs === null) return 'no';
  const last = proofs.at(-1);
  // Its confirmation is not on record, and nothing else shows it.
  if (last === undefined) return 'unknown';
  const again = lostUs !== null && proofs.some(proof => proof.confirmed && proof.us > lostUs);
  if (lostUs !== null && !again) return 'lost';
  const open = last.proofs.filter(isUnknown);
  // Where nobody could look any more, the undo did: it found the change in place.
  if (open.every(proof => Object.keys(proof.readings).length === 0) && foundByUndo(occurrence)) return 'yes';
  return open.length > 0 ? 'unknown' : 'yes';
}

const isUnknown = ({state}: Proof) => state === 'unknown';

/** Every change was still there to be undone. */
function foundByUndo({debts, settled}: OccurrenceFacts): boolean {
  return debts.length > 0 && debts.every(debt => lastAnswer(debt, settled)?.outcome === 'undone');
}

function withoutUndoNote(change: WithoutUndo): string {
  if ('nothing' in change) return `nothing to undo: ${change.nothing}`;
  if ('left' in change) return change.left;
  return 'broughtBack' in change ? change.broughtBack : `cannot be put back: ${change.irreversible}`;
}

function settlementNote(occurrence: OccurrenceFacts): string {
  const outcomes = new Map<string, number>();
  for (const debt of occurrence.debts) {
    const outcome = lastAnswer(debt, occurrence.settled)?.outcome ?? 'still owed';
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const undos =
    outcomes.size === 0 ? [] : [`undo: ${[...outcomes].map(([outcome, amount]) => `${amount} ${outcome}`).join(', ')}`];
  const none = occurrence.withoutUndo.map(withoutUndoNote);
  const all = [...undos, ...remarks(occurrence.settled), ...new Set(none)];
  return all.length === 0 ? 'nothing was owed' : all.join('; ');
}

function notInjectedNote(fault: string, facts: Facts): string {
  const unmet = unmetCondition(facts, fault);
  return unmet === undefined ? 'It was not injected.' : `It was not injected: ${unmetWords(unmet)}.`;
}

function noteOf(occurrence: OccurrenceFacts, inForce: OccurrenceResult['inForce'], facts: Facts): string {
  const {failed, lostUs, requestedUs, proofs, planned} = occurrence;
  const {startUs} = facts;
  const undo = settlementNote(occurrence);
  if (inForce === 'no') {
    if (requestedUs === null && failed === null) return notInjectedNote(planned.fault, facts);
    return `It did not come into force (${failed ?? 'no proof was taken'}); ${undo}.`;
  }
  const targets = proofs.find(proof => proof.confirmed)?.proofs.length ?? 0;
  const proven = `proven on ${count(targets, 'target')}`;
  const lost = lostUs === null ? '' : `, not found any more ${say((lostUs - startUs) / 1e6)} into the run`;
  const again = lostUs !== null && inForce !== 'lost' ? ' and applied again' : '';
  const why = inForce === 'unknown' ? proofs.at(-1)?.proofs.find(isUnknown)?.why : undefined;
  const open = why === undefined ? '' : `, but not known until its end (${why})`;
  return `In force: ${proven}${lost}${again}${open}; ${undo}.`;
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
      ...(occurrence.withoutUndo.length === 0
        ? {}
        : {withoutUndo: occurrence.withoutUndo.map(({ref, touches: _, ...why}) => ({target: ref.name, ...why}))}),
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
      note: noteOf(occurrence, inForce, facts),
      exercised: exercisedInAll(windows),
      ...(planned.step === undefined ? {} : {step: planned.step}),
      verdict: verdictOf(occurrence, inForce, metrics),
    };
  });
}
