import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';
import {inShapedContainer} from '../shaping-reference.js';

export const reference: FaultReference = {
  on: {
    docker: inShapedContainer(
      'netem delay DELAY JITTER CORRELATION distribution NAME',
      'sch_netem',
      'Where netem is missing, the same fault on a proxy target works. Jitter lets packets overtake each other.',
    ),
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
      on: 'docker',
      title: 'A slow inventory',
      fault: `name: slow inventory
network-latency: {delay: 200ms, jitter: 20ms, localPort: 8082}
targets: [inventory]
for: 15s`,
      needs: 'netem',
    },
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
