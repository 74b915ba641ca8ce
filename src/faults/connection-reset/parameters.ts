import * as z from 'zod';
import {seed, share} from '../connections.js';

export const parameters = () =>
  z
    .strictObject({
      share: share('Share of the connections that are reset, of those that exist and of the new ones.'),
      seed: seed(),
    })
    .describe('Reset connections with a TCP RST: the existing ones at once, new ones as soon as they are made.');
