import * as z from 'zod';
import {share} from '../../quantities/schema.js';
import {correlation, filterCheck, filterFields} from '../packets.js';

export const parameters = () =>
  z
    .strictObject({
      share: share({positive: true}).describe('Share of the packets that is sent twice.'),
      correlation: correlation(),
      ...filterFields({
        direction: 'egress',
        about: 'egress duplicates what the target sends, ingress what it receives, both does each by itself.',
      }),
    })
    .check(filterCheck)
    .describe('Duplicate packets of the target.');
