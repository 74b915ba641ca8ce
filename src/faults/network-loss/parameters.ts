import {z} from 'zod';
import {share} from '../../quantities/schema.js';
import {seed} from '../connections.js';

export const parameters = () =>
  z
    .strictObject({
      share: share({positive: true}).describe(
        'Share of the connections that are lost, of those that exist and of the new ones.',
      ),
      seed: seed(),
    })
    .describe(
      'Lose connections: existing ones stall, new ones get no answer. What was under way arrives once the fault ends.',
    );
