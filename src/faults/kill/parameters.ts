import * as z from 'zod';
import {nothingToUndo} from '../../quantities/nothing-to-undo.js';

/** What may be sent. STOP and its kin are missing on purpose: they freeze, which `pause` does with an undo. */
const NAMES = [
  'KILL',
  'TERM',
  'INT',
  'QUIT',
  'HUP',
  'ABRT',
  'SEGV',
  'BUS',
  'FPE',
  'ILL',
  'PIPE',
  'ALRM',
  'USR1',
  'USR2',
];
const WRITTEN = [...NAMES, ...NAMES.map(name => `SIG${name}`)];

export const parameters = () =>
  z
    .strictObject({
      signal: z
        .enum(WRITTEN)
        .default('KILL')
        .transform(name => name.replace(/^SIG/, ''))
        .describe('The signal to send, with or without `SIG`. To freeze a target, use the fault `pause`.'),
      undo: nothingToUndo()
        .optional()
        .describe(
          '`{ nothing: REASON }` where the target only handles the signal (HUP: it reloads): then there is nothing to put back, and a target that ended after all is a left-over.',
        ),
    })
    .superRefine(({signal, undo}, context) => {
      if (undo === undefined || signal !== 'KILL') return;
      const message =
        'expected a signal that can be handled beside `undo: { nothing: … }`; `KILL` ends every process, so there is something to put back';
      context.addIssue({code: 'custom', path: ['undo'], message});
    })
    .describe('Send a signal to the target, by default the one that no process can catch.');
