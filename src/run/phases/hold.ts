import type {Instant} from '../../quantities/instant.js';
import type {Proof} from '../../targets/contract.js';
import {targetKey} from '../../targets/target.js';
import {pause} from '../stop-switch.js';
import type {RunContext} from '../context.js';
import type {LocatedChange} from '../../targets/contract.js';
import type {Injected} from './occurrence.js';
import {proveAll} from './proofs.js';

const PROVE_EVERY_MS = 2_000;
/** How long one look may take while there is time. */
const LOOK_MS = 10_000;
/** Too little for any look. */
const NO_TIME_MS = 50;
/** How long the last proof may hold up the undo that waits for it. */
const LAST_PROOF_MS = 2_000;
const LAST_PROOF_MS_EACH = 5;

/** What is asked of `hold` when a target lost the fault. Returns the new changes and debts, or nothing. */
export type Reapply = (lost: readonly LocatedChange[]) => Promise<Extract<Injected, {state: 'in-force'}> | undefined>;

export interface HeldOccurrence {
  readonly occurrence: string;
  readonly forMs: number;
  readonly injected: Extract<Injected, {state: 'in-force'}>;
}

/** A change that is held, and what its proofs have shown so far. */
interface WatchedChange {
  readonly change: LocatedChange;
  state: Proof['state'];
  lastInForce: Instant | null;
  last: Proof | undefined;
}

const watched = (change: LocatedChange): WatchedChange => ({
  change,
  state: 'in-force',
  lastInForce: null,
  last: undefined,
});

/**
 * Holds a fault for its time, taking the proof on every target. A change of state is recorded; a lost fault is applied
 * again where the file says `keep`. Returns what is held at the end, with all debts that are owed. An endpoint that
 * hangs delays the end by LAST_PROOF_MS at most.
 */
export async function hold(
  context: RunContext,
  held: HeldOccurrence,
  reapply: Reapply | undefined,
): Promise<HeldOccurrence['injected']> {
  const {clock} = context.ports;
  const until = clock.mono() + held.forMs * 1000;
  const leftMs = () => (until - clock.mono()) / 1000;
  let holding: readonly WatchedChange[] = held.injected.changes.map(watched);
  let debts = held.injected.debts;
  for (;;) {
    // No proof shortly before the last one: it would have no time to be answered.
    const waitMs = leftMs() < 1.5 * PROVE_EVERY_MS ? leftMs() : PROVE_EVERY_MS;
    const slept = await pause(clock, Math.max(0, waitMs), context.stop.signal);
    // A timer may fire a moment early: a look in that moment could not be answered.
    const last = leftMs() < NO_TIME_MS;
    const withinMs = last ? LAST_PROOF_MS + LAST_PROOF_MS_EACH * holding.length : Math.min(leftMs(), LOOK_MS);
    if (slept) await look(context, held, holding, withinMs);
    if (last || context.stop.signal.aborted) {
      recordLast(context, held, holding);
      return {state: 'in-force', changes: holding.map(({change}) => change), debts};
    }
    const lost = holding.filter(({state}) => state === 'absent');
    const again = lost.length === 0 ? undefined : await reapply?.(lost.map(({change}) => change));
    if (again === undefined) continue;
    const renewed = new Set(again.changes.map(({change}) => targetKey(change.target)));
    const kept = holding.filter(one => !lost.includes(one) || !renewed.has(targetKey(one.change.change.target)));
    holding = [...kept, ...again.changes.map(watched)];
    debts = [...debts, ...again.debts];
  }
}

/** Takes the proof of everything that is held and records it where it says something new. */
async function look(
  context: RunContext,
  held: HeldOccurrence,
  holding: readonly WatchedChange[],
  withinMs: number,
): Promise<void> {
  const {signal} = context.stop;
  const changes = holding.map(({change}) => change);
  const proofs = await proveAll(context, changes, {signal, withinMs});
  // What a stop cut short says nothing.
  if (signal.aborted) return;
  const isNew = holding.some((one, i) => proofs[i]?.state !== one.state);
  if (isNew) record(context, held, holding, proofs);
  holding.forEach((one, i) => {
    const proof = proofs[i];
    if (proof === undefined) return;
    one.state = proof.state;
    one.last = isNew ? undefined : proof;
    if (proof.state === 'in-force') one.lastInForce = proof.at;
  });
}

/** The end of the hold is on record with the last proofs there are, also those of a run that was stopped in between. */
function recordLast(context: RunContext, held: HeldOccurrence, holding: readonly WatchedChange[]): void {
  const proofs = holding.flatMap(({last}) => last ?? []);
  if (proofs.length > 0)
    record(
      context,
      held,
      holding.filter(({last}) => last !== undefined),
      proofs,
    );
}

function record(
  context: RunContext,
  {occurrence}: HeldOccurrence,
  holding: readonly WatchedChange[],
  proofs: readonly Proof[],
): void {
  const lastInForce = holding.map(one => one.lastInForce);
  context.record.event({type: 'proof.changed', occurrence, proofs, lastInForce});
}
