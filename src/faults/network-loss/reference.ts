import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';
import {inShapedContainer} from '../shaping-reference.js';

export const reference: FaultReference = {
  on: {
    docker: inShapedContainer(
      'netem loss random SHARE CORRELATION',
      'sch_netem',
      'Without netem a plain `loss` is done by iptables instead, and the plan says so: chains `fd1d-TAG-…` in the filter tables of the namespace, with `-m statistic --mode random`, undone by `iptables -D`, `-F` and `-X`; a sender over UDP then sees `EPERM` for what is lost on its way out. `correlation`, `gemodel` and `state` need netem.',
    ),
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
      on: 'docker',
      title: 'The store loses a tenth of its packets',
      fault: `name: lossy store
network-loss: {loss: 10%, localPort: 8083}
targets: [store]
for: 15s`,
    },
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
