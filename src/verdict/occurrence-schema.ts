import * as z from 'zod';
import {between, maybeVerdict, nullable} from './schema-parts.js';

/** A proof is a sample, so that what happened lies between two of them: seconds since the run's start. */
const activeWindow = () =>
  z.strictObject({
    target: z.string(),
    from: between().describe('Between the request and the first proof in force.'),
    /** Null: it is not known to have ended. */
    to: between().nullable().describe('Between the last sign of the fault and the first without it.'),
    seconds: between().nullable().describe('How long at least and at most.'),
    /**
     * `lost`: before its undo, by a restart of the target or by someone else. `over`: it has no undo, and its time was
     * over.
     */
    ended: z.enum(['undone', 'lost', 'owed', 'over']),
    /** How much went through it; null where that cannot be seen. */
    exercised: nullable(),
  });

const withoutUndo = () =>
  z
    .strictObject({
      target: z.string(),
      irreversible: z.string().exactOptional(),
      nothing: z.string().exactOptional(),
      left: z.string().exactOptional(),
      broughtBack: z.string().exactOptional(),
    })
    .describe(
      'The target of a change that has no undo: nothing can put it back, there is nothing to put back, it is left as it is, or a command of the author brings it back.',
    );

/** One injection that was planned. */
export const occurrenceSchema = () =>
  z.strictObject({
    id: z.string(),
    fault: z.string(),
    kind: z.string(),
    label: z.string(),
    targets: z.array(z.string()),
    /** What was done, in the words of the mechanism: one line a target. */
    changes: z.array(z.string()),
    /** Absent where all have one. */
    withoutUndo: z.array(withoutUndo()).exactOptional(),
    nature: z.enum(['state', 'event']),
    heal: z.enum(['platform', 'undo']),
    requestedAt: nullable(),
    confirmedAt: nullable().describe('T0: the proof was taken on the last target.'),
    undoRequestedAt: nullable(),
    undoneAt: nullable(),
    skewSeconds: nullable().describe('First to last confirmation over the targets.'),
    /** Null where nothing was undone. */
    undoSkewSeconds: nullable().describe('First to last verified undo over the targets.'),
    windows: z.array(activeWindow()).describe('When each target really had the fault, as its proofs show.'),
    inForce: z.enum(['yes', 'lost', 'no', 'unknown']),
    /** One sentence about the proof and the undo. */
    note: z.string(),
    exercised: nullable(),
    step: z.number().int().exactOptional(),
    verdict: maybeVerdict(),
  });
