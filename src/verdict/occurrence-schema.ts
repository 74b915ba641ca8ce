import {z} from 'zod';

const nullable = () => z.number().nullable();

const between = () => z.tuple([z.number(), z.number()]);

const activeWindow = () =>
  z.strictObject({
    target: z.string(),
    from: between().describe('Between the request and the first proof in force.'),
    to: between().nullable().describe('Between the last sign of the fault and the first without it.'),
    seconds: between().nullable().describe('How long at least and at most.'),
    ended: z.enum(['undone', 'lost', 'owed', 'over']),
    exercised: nullable(),
  });

const withoutUndo = () =>
  z
    .strictObject({target: z.string(), irreversible: z.string().optional(), nothing: z.string().optional()})
    .describe('The target of a change that has no undo: nothing can put it back, or there is nothing to put back.');

/** One injection that was planned. */
export const occurrenceSchema = () =>
  z.strictObject({
    id: z.string(),
    fault: z.string(),
    kind: z.string(),
    label: z.string(),
    targets: z.array(z.string()),
    changes: z.array(z.string()),
    withoutUndo: z.array(withoutUndo()).optional(),
    nature: z.enum(['state', 'event']),
    heal: z.enum(['platform', 'undo']),
    requestedAt: nullable(),
    confirmedAt: nullable().describe('T0: the proof was taken on the last target.'),
    undoRequestedAt: nullable(),
    undoneAt: nullable(),
    skewSeconds: nullable().describe('First to last confirmation over the targets.'),
    undoSkewSeconds: nullable().describe('First to last verified undo over the targets.'),
    windows: z.array(activeWindow()).describe('When each target really had the fault, as its proofs show.'),
    inForce: z.enum(['yes', 'lost', 'no', 'unknown']),
    note: z.string(),
    exercised: nullable(),
    step: z.number().int().optional(),
    verdict: z.enum(['held', 'deviated', 'inconclusive']).nullable().describe('Null: not judged.'),
  });
