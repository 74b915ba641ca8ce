import {onRequests, requestNotes} from '../http-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: onRequests(
    'it changes the headers and the body of the response; the body is held until it is whole, and its length, chunks and encoding fit again afterwards.',
    'changed',
  ),
  examples: [
    {
      on: 'proxy',
      title: 'Every answer of the inventory is empty JSON',
      fault: `name: empty answers
http-body: { body: "{}", setHeaders: { content-type: application/json } }
targets: [to inventory]
for: 10s`,
    },
    {
      on: 'docker',
      title: 'The inventory answers with text that is no JSON any more',
      fault: `name: broken answers
http-body: { replace: [{ find: "{", with: "" }], share: 20%, port: 8082 }
targets: [inventory]
for: 10s`,
    },
  ],
  notes: requestNotes,
};
