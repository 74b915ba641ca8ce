import * as z from 'zod';
import {duration} from '../../quantities/schema.js';
import {direction, seed, share} from '../connections.js';

export const parameters = () =>
  z
    .strictObject({
      after: duration({positive: true, max: 600_000})
        .optional()
        .describe(
          'Close a connection this long after it is hit. Without it the connection is held while the fault lasts, and reset at its end.',
        ),
      direction: direction(
        'downstream',
        'downstream swallows what the target answers, upstream what is sent to it, both lets nothing through at all.',
      ),
      share: share('Share of the connections that are hit, of those that exist and of the new ones.'),
      seed: seed(),
    })
    .describe('Swallow all data, so that who waits for an answer waits for its own time-out.');
