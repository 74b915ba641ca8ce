import {z} from 'zod';
import {share} from '../../quantities/schema.js';

export const parameters = () =>
  z
    .strictObject({
      share: share()
        .refine(part => part > 0, 'Expected more than 0 %')
        .prefault('100%')
        .describe('Share of the connections that are reset, of those that exist and of the new ones.'),
    })
    .describe('Reset connections with a TCP RST: the existing ones at once, new ones as soon as they are made.');
