import {onRequests, requestNotes} from '../http-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: onRequests(
    'it passes them on to the service later; what follows on the same connection waits behind them, as in HTTP/1.',
    'delayed',
  ),
  examples: [
    {
      on: 'proxy',
      title: 'Half of the reservations take 300 ms longer',
      fault: `name: slow reservations
http-latency: { delay: 300ms, jitter: 50ms, share: 50%, path: "/reserve*" }
targets: [to inventory]
for: 10s`,
    },
    {
      on: 'docker',
      title: 'What checkout asks of the store takes 200 ms longer',
      fault: `name: slow store
http-latency: { delay: 200ms, to: { host: store, port: 8083 } }
targets: [checkout]
for: 10s`,
    },
  ],
  notes: requestNotes,
};
