import {z} from 'zod';

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
    })
    .describe('Send a signal to the target, by default the one that no process can catch.');
