import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    proxy: inProxy(
      'latency-DIRECTION',
      'each chunk of data is handed on `delay` ± `jitter` after it came, in order. Delays of chunks do not add up.',
      'bytes that went through it',
    ),
    toxiproxy: inToxiproxy(
      'latency',
      '`latency` and `jitter` in whole ms, `toxicity` is the share. `direction: both` needs two toxics.',
      '`direction: both` together with a `share` is refused: the server draws each stream by itself.',
    ),
  },
  examples: [
    {
      on: 'proxy',
      title: 'A slow store',
      fault: `name: slow store
network-latency: { delay: 200ms, jitter: 20ms }
targets: [to store]
for: 15s`,
    },
  ],
};
