import {z} from 'zod';
import {duration} from '../../quantities/schema.js';
import {direction, seed, share} from '../connections.js';

export const parameters = () =>
  z
    .strictObject({
      delay: duration({positive: true, max: 600_000}).describe(
        'Time added to everything that passes in the chosen direction.',
      ),
      jitter: duration()
        .prefault('0ms')
        .describe('The delay varies evenly by up to this much, up and down; at most as large as the delay.'),
      direction: direction(
        'downstream',
        'downstream delays what the target answers (once per round trip), upstream what is sent to it, both adds the delay twice per round trip.',
      ),
      share: share('Share of the connections that are delayed.'),
      seed: seed(),
    })
    .refine(p => p.jitter <= p.delay, {path: ['jitter'], message: 'expected at most the delay'})
    .describe('Add latency to the traffic of the target.');
