import * as z from 'zod';
import {duration, share} from '../../quantities/schema.js';
import {correlation, filterCheck, filterFields} from '../packets.js';

export const parameters = () =>
  z
    .strictObject({
      share: share({positive: true}).describe('Share of the packets that is sent at once, ahead of those that wait.'),
      delay: duration({min: 0.01, max: 600_000}).describe(
        'How long the others wait: packets that are sent within this time can overtake each other.',
      ),
      correlation: correlation(),
      gap: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(1)
        .describe('Only every so-manyth packet may overtake: with `share: 100%` and `gap: 5` exactly every fifth.'),
      ...filterFields({
        direction: 'egress',
        about: 'egress reorders what the target sends, ingress what it receives, both does each by itself.',
      }),
    })
    .check(filterCheck)
    .describe('Reorder packets of the target.');
