import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    proxy: inProxy(
      'slow-close-DIRECTION',
      'data passes at once, the end of the stream (FIN) `delay` later.',
      'streams that were closed late',
    ),
    toxiproxy: inToxiproxy(
      'slow_close',
      '`delay` in whole ms.',
      '`direction: both` together with a `share` is refused: the server draws each stream by itself.',
    ),
  },
  examples: [
    {
      on: 'proxy',
      title: 'Connections to the store that linger',
      fault: `name: lingering connections
slow-close: { delay: 3s }
targets: [to store]
for: 10s`,
    },
  ],
};
