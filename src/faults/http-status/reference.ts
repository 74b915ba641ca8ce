import {onRequests, requestNotes} from '../http-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: onRequests(
    'it answers by itself and the service is not asked, or with `askService` it drops the response of the service for its own.',
    'answered',
  ),
  examples: [
    {
      on: 'proxy',
      title: 'A third of the reservations is answered with 503',
      fault: `name: failing inventory
http-status: { status: 503, share: 33%, headers: { retry-after: "1" } }
targets: [to inventory]
for: 10s`,
    },
    {
      on: 'docker',
      title: 'Three in ten requests to the inventory are answered with 500',
      fault: `name: failing inventory
http-status: { status: 500, share: 30%, port: 8082 }
targets: [inventory]
for: 10s`,
    },
  ],
  notes: requestNotes,
};
