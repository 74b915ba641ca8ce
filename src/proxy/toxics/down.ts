import * as z from 'zod';
import type {ToxicKind} from './toxic.js';

/**
 * Nothing gets through. The listening socket stays open and each new connection is reset at once: giving the port up
 * would let someone else take it, and then the undo could not put it back.
 */
export const down: ToxicKind<object> = {
  type: 'down',
  counts: 'connections',
  attributes: () => z.strictObject({}),
  strike: (_attributes, victim) => victim.reset(),
};
