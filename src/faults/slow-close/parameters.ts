import * as z from 'zod';
import {duration} from '../../quantities/schema.js';
import {direction, seed, share} from '../connections.js';

export const parameters = () =>
  z
    .strictObject({
      delay: duration({positive: true, max: 600_000}).describe(
        'How much later the end of a stream (FIN) arrives; its data is not delayed.',
      ),
      direction: direction(
        'downstream',
        'downstream: the target closes and the client learns of it later; upstream: the other way round; both.',
      ),
      share: share('Share of the connections that close late.'),
      seed: seed(),
    })
    .describe('Let connections linger: data passes at once, the close follows late.');
