import * as z from 'zod';
import type {ToxicKind} from './toxic.js';

/** Connections end with an RST instead of a FIN: existing ones at once, new ones as soon as they are accepted. */
export const reset: ToxicKind<object> = {
  type: 'reset',
  counts: 'connections',
  attributes: () => z.strictObject({}),
  strike: (_attributes, victim) => victim.reset(),
};
