import * as z from 'zod';
import {bandwidth, duration, size} from '../../quantities/schema.js';
import {direction, seed, share} from '../connections.js';
import {filterCheck, filterFields} from '../packets.js';

export const connectionParameters = () =>
  z
    .strictObject({
      rate: bandwidth({min: 1, max: 1e12}).describe('Most bytes per second of each connection and direction.'),
      direction: direction(
        'both',
        'downstream limits what the target answers, upstream what is sent to it, both limits each by itself.',
      ),
      share: share('Share of the connections that are limited.'),
      seed: seed(),
    })
    .describe('Limit the bandwidth of the target.');

export const containerParameters = () =>
  z
    .strictObject({
      rate: bandwidth({min: 8, max: 1e10}).describe('Most bytes per second of each interface and direction.'),
      burst: size({min: 1, max: 1e9})
        .optional()
        .describe(
          'What may pass at once before the rate holds. Default, and least: a packet, and what the rate lets pass in 10 ms.',
        ),
      queue: duration({positive: true, max: 60_000})
        .prefault('200ms')
        .describe('How long packets may wait for their turn; those that would wait longer are lost.'),
      ...filterFields({
        direction: 'egress',
        about: 'egress limits what the target sends, ingress what it receives, both limits each by itself.',
      }),
    })
    .check(filterCheck)
    .describe('Limit the bandwidth of the target.');
