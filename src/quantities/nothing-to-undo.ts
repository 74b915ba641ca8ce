import * as z from 'zod';

/** What stands in place of an undo where the change leaves nothing to put back, with the reason. */
export const nothingToUndo = () =>
  z
    .strictObject({
      nothing: z
        .string()
        .trim()
        .min(1)
        .describe('Why there is nothing to put back: `it only reloads its configuration`.'),
    })
    .describe('There is nothing to put back.');

/** Whether this says that there is nothing to put back. */
export function isNothing(undo: unknown): undo is {readonly nothing: string} {
  return typeof undo === 'object' && undo !== null && 'nothing' in undo;
}
