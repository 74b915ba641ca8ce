import * as z from 'zod';
import {duration, size} from '../../quantities/schema.js';
import {direction, seed, share} from '../connections.js';

export const parameters = () =>
  z
    .strictObject({
      averageSize: size({min: 1, max: 1_048_576}).describe('Size of a slice, on average.'),
      sizeVariation: size()
        .prefault('0B')
        .describe('Sizes vary evenly by up to this much, up and down; less than the average.'),
      delay: duration({max: 60_000}).prefault('0ms').describe('Pause between two slices.'),
      direction: direction('downstream', 'downstream cuts what the target answers, upstream what is sent to it.'),
      share: share('Share of the connections whose traffic is cut.'),
      seed: seed(),
    })
    .refine(p => p.sizeVariation < p.averageSize, {
      path: ['sizeVariation'],
      message: 'expected less than the average size',
    })
    .describe('Cut the stream into small slices: finds readers that take one read for one message.');
