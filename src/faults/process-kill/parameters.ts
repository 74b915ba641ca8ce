import * as z from 'zod';
import {choiceCheck, choiceFields} from '../inner-processes.js';

/** Signals that end a process; those that only tell it something have no effect that could be proven. */
const NAMES = ['KILL', 'TERM', 'INT', 'QUIT', 'HUP', 'ABRT', 'SEGV', 'BUS', 'FPE', 'ILL'];
const WRITTEN = [...NAMES, ...NAMES.map(name => `SIG${name}`)];

export const parameters = () =>
  z
    .strictObject({
      ...choiceFields(),
      signal: z
        .enum(WRITTEN)
        .default('KILL')
        .transform(name => name.replace(/^SIG/, ''))
        .describe('The signal to send, with or without `SIG`. To freeze processes, use `process-pause`.'),
    })
    .check(choiceCheck)
    .describe('End some processes inside the target; the target itself goes on.');
