import {inProxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    proxy: inProxy(
      'down',
      'existing connections are reset, new ones are reset as soon as they are made. The listening socket stays open, so that nobody else can take the port.',
      'connections that were cut or refused',
    ),
    toxiproxy: {
      mechanism:
        '`POST URL/proxies/NAME` with `{"enabled": false}`: the server stops listening and cuts existing connections.',
      undo: '`curl -X POST -d \'{"enabled":true}\' URL/proxies/NAME`, by the guardian when Firedrill is gone.',
      proof: 'The API says `enabled: false`. Toxiproxy counts nothing: whether it was exercised is not known.',
      privileges: 'None but reaching the API of the server.',
      limits: 'Refused for a proxy that is disabled already.',
    },
  },
  examples: [
    {
      on: 'proxy',
      title: 'Checkout without its store',
      fault: `name: cut off the store
network-partition: {}
targets: [to store]
for: 10s`,
    },
  ],
};
