import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        '`POST /networks/NETWORK/disconnect` for each network: the interface is gone, and the name no longer resolves for the others.',
      undo: '`docker network connect --alias ALIAS… --link LINK… --ip IPv4 --ip6 IPv6 NETWORK CONTAINER`, with the aliases, links and fixed addresses that it had.',
      proof: 'The engine lists no endpoint of the container in the network.',
      privileges: 'The Docker socket.',
      limits:
        'Refused for network modes `host`, `none` and `container:`. Open connections die, because the address may be another one afterwards; to keep the interface and cut the traffic, use `network-partition`. A published port of a container without any network answers nobody.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'The store leaves its network',
      fault: `name: unplug the store
network-disconnect: {}
targets: [store]
for: 10s`,
    },
  ],
};
