import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    proxy: inProxy(
      'bandwidth-DIRECTION',
      'a token bucket for each connection and direction, in slices of 10 ms; an idle connection saves up no more than one slice.',
      'bytes that went through it',
    ),
    toxiproxy: inToxiproxy(
      'bandwidth',
      '`rate` in whole kB/s.',
      'Less than `1kB/s` is refused. `direction: both` together with a `share` is refused: the server draws each stream by itself.',
    ),
  },
  examples: [
    {
      on: 'proxy',
      title: 'A thin line to the store',
      fault: `name: thin line
network-bandwidth: { rate: 20KiB/s }
targets: [to store]
for: 15s`,
    },
  ],
};
