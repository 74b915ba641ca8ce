import {z} from 'zod';
import {duration, share} from '../../quantities/schema.js';

export const parameters = () =>
  z
    .strictObject({
      delay: duration()
        .refine(ms => ms > 0 && ms <= 600_000, 'Expected more than 0 ms and at most 10m')
        .describe('Time added to everything that passes in the chosen direction.'),
      jitter: duration()
        .prefault('0ms')
        .describe('The delay varies evenly by up to this much, up and down; at most as large as the delay.'),
      direction: z
        .enum(['both', 'upstream', 'downstream'])
        .default('downstream')
        .describe(
          'downstream delays what the target answers (once per round trip), upstream what is sent to it, both adds the delay twice per round trip.',
        ),
      share: share()
        .refine(part => part > 0, 'Expected more than 0 %')
        .prefault('100%')
        .describe('Share of the connections that are delayed.'),
    })
    .refine(p => p.jitter <= p.delay, {path: ['jitter'], message: 'Expected at most the delay'})
    .describe('Add latency to the traffic of the target.');
