import type {Instant} from '../quantities/instant.js';
import type {Debt, Proof, Settled} from '../targets/contract.js';
import type {Event, PlannedOccurrence, StopReason, WithoutUndo} from '../record/events.js';
import type {Span} from './judgement/data.js';
import type {TimeBase} from './time.js';

/** What the events say about one injection. Times are µs of the base clock; null: it did not get that far. */
export interface OccurrenceFacts {
  readonly planned: PlannedOccurrence;
  readonly requestedUs: number | null;
  /** T0: the proof was taken on the last target. */
  readonly confirmedUs: number | null;
  readonly undoRequestedUs: number | null;
  readonly undoWhy: StopReason | null;
  /** When the last debt was settled. */
  readonly settledUs: number | null;
  /**
   * When nothing of it was left to undo: the last debt was settled, or, of what has no undo, its time was over.
   * Recovery counts from here.
   */
  readonly overUs: number | null;
  readonly failed: string | null;
  readonly debts: readonly Debt[];
  /** Its changes that owe nothing, and why. */
  readonly withoutUndo: readonly WithoutUndo[];
  /** In the order they were written; the last answer about a debt counts. */
  readonly settled: readonly Settled[];
  readonly proofs: readonly {
    readonly us: number;
    readonly confirmed: boolean;
    readonly proofs: readonly Proof[];
    /** In the order of the proofs; absent in records of earlier versions. */
    readonly lastInForce?: readonly (Instant | null)[];
  }[];
  /** When each injection and re-application was asked for. */
  readonly requestsUs: readonly number[];
  /** `settled`, each with the time at which it was recorded. */
  readonly settlements: readonly {readonly us: number; readonly settled: Settled}[];
  /**
   * The times in which it was in force, as far as the proofs can tell. What happens once hurts from the moment it is
   * asked for: a restart is over when its proof is taken, and the outage it caused must not fall out of every window.
   */
  readonly segments: readonly Span[];
  /** When a target was first seen without the fault while it should have been in force. */
  readonly lostUs: number | null;
  /** Which of its planned looks its time in force ends at, from 1: it went on at those before. */
  readonly look: number;
}

interface TimeBounds {
  readonly time: TimeBase;
  readonly endUs: number;
}

/** An occurrence while its events are being read. */
interface OccurrenceDraft {
  planned: PlannedOccurrence;
  requestedUs: number | null;
  confirmedUs: number | null;
  undoRequestedUs: number | null;
  undoWhy: StopReason | null;
  settledUs: number | null;
  failed: string | null;
  lostUs: number | null;
  look: number;
  debts: Debt[];
  withoutUndo: WithoutUndo[];
  settled: Settled[];
  proofs: OccurrenceFacts['proofs'][number][];
  requestsUs: number[];
  settlements: OccurrenceFacts['settlements'][number][];
  segments: Span[];
  /** Start of the segment that is open. */
  openUs: number | null;
  /** An event that the platform heals has happened once and for all: nothing of it can get lost. */
  readonly losable: boolean;
  readonly event: boolean;
}

const fresh = (plan: PlannedOccurrence): OccurrenceDraft => ({
  planned: plan,
  losable: !(plan.nature === 'event' && plan.heal === 'platform'),
  event: plan.nature === 'event',
  requestedUs: null,
  confirmedUs: null,
  undoRequestedUs: null,
  undoWhy: null,
  settledUs: null,
  failed: null,
  lostUs: null,
  look: 1,
  debts: [],
  withoutUndo: [],
  settled: [],
  proofs: [],
  requestsUs: [],
  settlements: [],
  segments: [],
  openUs: null,
});

function close(draft: OccurrenceDraft, us: number): void {
  if (draft.openUs !== null && us > draft.openUs) draft.segments.push({fromUs: draft.openUs, toUs: us});
  draft.openUs = null;
}

type Of = Extract<Event, {occurrence: string}>;

function readProofs(draft: OccurrenceDraft, event: Extract<Of, {proofs: readonly Proof[]}>, us: number): void {
  const confirmed = event.type === 'change.confirmed';
  const lastInForce = event.type === 'proof.changed' ? event.lastInForce : undefined;
  draft.proofs.push({us, confirmed, proofs: event.proofs, ...(lastInForce === undefined ? {} : {lastInForce})});
  if (!confirmed && draft.confirmedUs === null) confirmLater(draft, event, us);
  if (confirmed) {
    draft.confirmedUs ??= us;
    draft.openUs ??= draft.event ? (draft.requestedUs ?? us) : us;
    return;
  }
  if (draft.losable && draft.openUs !== null && event.proofs.some(proof => proof.state === 'absent')) {
    draft.lostUs ??= us;
    close(draft, us);
  }
}

/**
 * A proof is only held after its confirmation: where that is missing in the record, it was in force when a proof first
 * shows it.
 */
function confirmLater(draft: OccurrenceDraft, {proofs}: {readonly proofs: readonly Proof[]}, us: number): void {
  if (draft.failed !== null) return;
  draft.confirmedUs = us;
  if (proofs.every(proof => proof.state === 'in-force')) draft.openUs ??= draft.event ? (draft.requestedUs ?? us) : us;
}

function readUndo(draft: OccurrenceDraft, why: StopReason, us: number): void {
  // A re-application that failed is rolled back in the middle of the hold: the fault as a whole goes on.
  if (why.kind === 'not-injected' && draft.confirmedUs !== null) return;
  draft.undoRequestedUs ??= us;
  draft.undoWhy ??= why;
  close(draft, us);
}

/** Only a look after which the fault is held on is not the last. */
function readLook(draft: OccurrenceDraft, {look, untilMs}: Extract<Of, {type: 'looked'}>): void {
  if (untilMs !== undefined) draft.look = look + 1;
}

function read(draft: OccurrenceDraft, event: Exclude<Of, {type: 'targets.decided'}>, us: number): void {
  switch (event.type) {
    case 'debts.owed':
      draft.debts.push(...event.debts);
      return;
    case 'change.requested':
      draft.requestedUs ??= us;
      draft.requestsUs.push(us);
      draft.withoutUndo.push(...(event.withoutUndo ?? []));
      return;
    case 'change.confirmed':
    case 'proof.changed':
      readProofs(draft, event, us);
      return;
    case 'change.failed':
      draft.failed = event.why;
      return;
    case 'looked':
      readLook(draft, event);
      return;
    case 'hold.ended':
      // Only what was confirmed is held.
      if (draft.failed === null) draft.confirmedUs ??= us;
      close(draft, us);
      return;
    case 'undo.requested':
      readUndo(draft, event.why, us);
      return;
    case 'debts.settled':
      draft.settled.push(...event.settled);
      draft.settlements.push(...event.settled.map(settled => ({us, settled})));
      draft.settledUs = us;
      return;
  }
}

/** What is hit, once that was decided at the injection. */
export function asDecided(planned: PlannedOccurrence, event: Event): PlannedOccurrence {
  if (event.type !== 'targets.decided') return planned;
  return {...planned, targets: event.targets, changes: event.changes};
}

function planOf(id: string): PlannedOccurrence {
  const unknown = {fault: id, kind: 'unknown', nature: 'state', heal: 'undo', label: id} as const;
  return {id, ...unknown, forMs: 0, targets: [], changes: []};
}

/** What happened to each occurrence, in the order of the plan; those the plan does not know come last. */
export function collectOccurrences(
  events: readonly Event[],
  planned: readonly PlannedOccurrence[],
  {time, endUs}: TimeBounds,
): readonly OccurrenceFacts[] {
  const drafts = new Map(planned.map(plan => [plan.id, fresh(plan)]));
  for (const event of events) {
    const us = time.us(event.at);
    if (event.type === 'takeover') for (const draft of drafts.values()) close(draft, us);
    if (!('occurrence' in event)) continue;
    const draft = drafts.get(event.occurrence) ?? fresh(planOf(event.occurrence));
    drafts.set(event.occurrence, draft);
    if (event.type === 'targets.decided') draft.planned = asDecided(draft.planned, event);
    else read(draft, event, us);
  }
  return [...drafts.values()].map(draft => {
    close(draft, endUs);
    const {openUs: _open, losable: _losable, event: _event, ...facts} = draft;
    const overUs = draft.settledUs ?? (draft.debts.length === 0 ? draft.undoRequestedUs : null);
    return {...facts, overUs};
  });
}
