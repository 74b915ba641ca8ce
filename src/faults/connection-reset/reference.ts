import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    proxy: inProxy(
      'reset',
      'existing connections end with an RST at once, new ones as soon as they are accepted.',
      'connections that were reset',
    ),
    toxiproxy: inToxiproxy(
      'reset_peer',
      '`timeout: 0`: new connections end with an RST.',
      'Existing connections end with a FIN, not with an RST.',
    ),
  },
  examples: [
    {
      on: 'proxy',
      title: 'A third of the connections to the store is reset',
      fault: `name: reset connections
connection-reset: { share: 33% }
targets: [to store]
for: 10s`,
    },
  ],
};
