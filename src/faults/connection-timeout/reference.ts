import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    proxy: inProxy(
      'timeout-DIRECTION',
      'what comes in this direction is swallowed, for good; `after` later the connection is closed; when the fault ends, a connection that lost data is reset.',
      'connections that had something swallowed',
    ),
    toxiproxy: inToxiproxy(
      'timeout',
      '`timeout` in whole ms; 0 holds the connection until the toxic is removed.',
      '`direction: both` together with a `share` is refused: the server draws each stream by itself.',
    ),
  },
  examples: [
    {
      on: 'proxy',
      title: 'A store that never answers',
      fault: `name: no answer
connection-timeout: { after: 2s }
targets: [to store]
for: 10s`,
    },
  ],
};
