import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    proxy: inProxy(
      'loss',
      'the connections that are drawn stall: what comes is held back (256 KiB, then the sender has to wait) and passed on once the fault ends, as TCP would.',
      'connections that had something to lose',
    ),
    toxiproxy: inToxiproxy(
      'timeout',
      '`timeout: 0` upstream: what is sent is swallowed; the server closes these connections when the toxic is removed.',
    ),
  },
  examples: [
    {
      on: 'proxy',
      title: 'A fifth of the connections to the store is lost',
      fault: `name: lose connections
network-loss: { share: 20%, seed: 7 }
targets: [to store]
for: 15s`,
    },
  ],
};
