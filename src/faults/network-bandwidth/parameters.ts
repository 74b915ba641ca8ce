import {z} from 'zod';
import {bandwidth} from '../../quantities/schema.js';
import {direction, seed, share} from '../connections.js';

export const parameters = () =>
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
