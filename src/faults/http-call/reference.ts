import {everywhere, type FaultReference, type OnDriver} from '../reference.js';

/** The same everywhere: only what the requests are told of the target differs. */
const anywhere: OnDriver = {
  mechanism:
    '`do` is sent from this machine, once for each target, on a connection of its own, with the headers `firedrill-target-name` and `firedrill-target-id` (container id, uid, pid file or port, connection). No redirect is followed. An answer with another status than `status` is a failure, and is undone.',
  undo: 'The request `undo`; `plan` prints it as a `curl` command. It is sent also when `do` failed or had no answer, one at a time, until the answer is a good one. A request that was sent and not answered cannot be called back: its undo is sent again 5 s later, for one that arrives late. So `undo` must bear being sent twice (`DELETE`, `PUT`).',
  proof:
    '`proof`: a good answer (`status`, and `bodyMatches` where it is given) means in force, another one below 500 absent, anything else unknown. Without `proof`: that `do` had a good answer and `undo` did not have one yet.',
  privileges: 'Whatever the server asks for, in `headers`.',
  limits:
    'What has no target takes `targets: []`. A server that cannot be reached (connection refused, unknown name) got nothing, and nothing is owed.',
};

export const reference: FaultReference = {
  on: everywhere(anywhere),
  examples: [
    {
      on: 'process',
      title: 'A product is sold out',
      fault: `name: sold out
http-call:
  do: { url: "http://127.0.0.1:\${var:inventory}/reserve", json: { sku: B2, quantity: 1000000000 } }
  undo: { url: "http://127.0.0.1:\${var:inventory}/reserve", json: { sku: B2, quantity: -1000000000 } }
  proof: { url: "http://127.0.0.1:\${var:inventory}/stock", bodyMatches: '"B2":0,' }
targets: [inventory]
for: 10s`,
    },
  ],
  notes: [
    'Where `do` leaves nothing to put back, `undo: { nothing: REASON }` says so. Without `undo` the fault is irreversible and needs `safety: { irreversible: allow }`. Secrets are written as `${secret:env:NAME}`, in URLs, headers and bodies, and revealed only when a request is sent.',
  ],
};
