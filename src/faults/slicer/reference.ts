import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    proxy: inProxy(
      'slicer-DIRECTION',
      'each chunk is cut into slices of `averageSize` ± `sizeVariation`, `delay` apart.',
      'bytes that went through it',
    ),
    toxiproxy: inToxiproxy(
      'slicer',
      '`average_size`, `size_variation` in bytes, `delay` in µs.',
      '`direction: both` together with a `share` is refused: the server draws each stream by itself.',
    ),
  },
  examples: [
    {
      on: 'proxy',
      title: 'Answers of the store in small pieces',
      fault: `name: small pieces
slicer: { averageSize: 32B, sizeVariation: 8B, delay: 5ms }
targets: [to store]
for: 10s`,
    },
  ],
};
