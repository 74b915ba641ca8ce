import * as z from 'zod';
import {size} from '../../quantities/schema.js';
import {direction, seed, share} from '../connections.js';

export const parameters = () =>
  z
    .strictObject({
      bytes: size({max: 1e15}).describe(
        'Bytes that pass on each connection and direction before it is closed, counted from when it is hit.',
      ),
      direction: direction(
        'downstream',
        'downstream counts what the target answers, upstream what is sent to it, both each by itself.',
      ),
      share: share('Share of the connections that are cut short.'),
      seed: seed(),
    })
    .describe('Close each connection in the middle of its data.');
