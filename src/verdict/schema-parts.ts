import * as z from 'zod';

/** What several parts of the result's schema are made of. */
export const texts = () => z.array(z.string());
export const nullable = () => z.number().nullable();
export const seconds = () => z.number().describe("Seconds since the run's start.");
/** An interval, from the lower to the upper limit: what happened lies between two samples. */
export const between = () => z.tuple([z.number(), z.number()]);
export const verdict = () => z.enum(['held', 'deviated', 'inconclusive']);
export const maybeVerdict = () => verdict().nullable().describe('Null: not judged.');
export const intervalKind = () => z.enum(['warmup', 'baseline', 'transition', 'on', 'recovery']);
/** `relative`: 0.1 is +10 % of the baseline; `share`: ten of a hundred requests more; `unit`: in the metric's unit. */
export const terms = () => z.enum(['relative', 'share', 'unit']);
