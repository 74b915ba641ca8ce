import * as z from 'zod';
import {duration} from '../../quantities/schema.js';
import {direction, seed, share} from '../connections.js';
import {correlation, filterCheck, filterFields} from '../packets.js';

export const connectionParameters = () =>
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

export const containerParameters = () =>
  z
    .strictObject({
      delay: duration({min: 0.01, max: 600_000}).describe('Time added to every packet that is meant.'),
      jitter: duration()
        .prefault('0ms')
        .describe(
          'How much the delay varies: evenly by up to this much, up and down; with another distribution its standard deviation. At most as large as the delay. Packets that are delayed less overtake others.',
        ),
      correlation: correlation(),
      distribution: z
        .enum(['uniform', 'normal', 'pareto', 'paretonormal'])
        .default('uniform')
        .describe('How the jitter is distributed; `pareto` has a long tail.'),
      ...filterFields({
        direction: 'egress',
        about:
          'egress delays what the target sends (once per round trip), ingress what it receives, both adds the delay twice per round trip.',
      }),
    })
    .refine(p => p.jitter <= p.delay, {path: ['jitter'], message: 'expected at most the delay'})
    .refine(p => p.jitter > 0 || p.distribution === 'uniform', {
      path: ['distribution'],
      message: 'expected a `jitter` to distribute',
    })
    .refine(p => p.jitter > 0 || p.correlation === 0, {
      path: ['correlation'],
      message: 'expected a `jitter` to correlate',
    })
    .check(filterCheck)
    .describe('Delay the packets of the target.');
