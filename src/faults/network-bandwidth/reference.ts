import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';
import {inShapedContainer} from '../shaping-reference.js';

export const reference: FaultReference = {
  on: {
    docker: inShapedContainer(
      'tbf rate RATE burst BURST limit QUEUE',
      'sch_tbf',
      'Works without netem; without a filter also without `sch_prio`.',
    ),
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
      on: 'docker',
      title: 'The store answers through a narrow line',
      fault: `name: narrow line
network-bandwidth: {rate: 1MB/s}
targets: [store]
for: 15s`,
    },
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
