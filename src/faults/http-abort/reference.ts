import {onRequests, requestNotes} from '../http-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: onRequests(
    'it ends the connection with an RST or a FIN, before the service is asked or behind the first bytes of its response.',
    'cut off',
  ),
  examples: [
    {
      on: 'proxy',
      title: 'A fifth of the connections to the inventory ends in the middle of the response',
      fault: `name: torn responses
http-abort: { when: middle, by: close, share: 20% }
targets: [to inventory]
for: 10s`,
    },
    {
      on: 'docker',
      title: 'A fifth of the requests to the store is reset',
      fault: `name: reset requests
http-abort: { share: 20%, port: 8083 }
targets: [store]
for: 10s`,
    },
  ],
  notes: requestNotes,
};
