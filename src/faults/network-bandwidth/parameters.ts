import {z} from 'zod';
import {bandwidth, share} from '../../quantities/schema.js';

export const parameters = () =>
  z
    .strictObject({
      rate: bandwidth()
        .refine(bytes => bytes >= 1, 'Expected at least 1 B/s')
        .describe('Most bytes per second of each connection and direction.'),
      direction: z
        .enum(['both', 'upstream', 'downstream'])
        .default('both')
        .describe(
          'downstream limits what the target answers, upstream what is sent to it, both limits each by itself.',
        ),
      share: share()
        .refine(part => part > 0, 'Expected more than 0 %')
        .prefault('100%')
        .describe('Share of the connections that are limited.'),
    })
    .describe('Limit the bandwidth of the target.');
