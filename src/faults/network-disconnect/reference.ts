import {OWN_NETWORK, type FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        '`POST /networks/NETWORK/disconnect` for each network: the interface is gone, and the name no longer resolves for the others.',
      undo: '`docker network connect --alias ALIAS… --link LINK… --ip IPv4 --ip6 IPv6 NETWORK CONTAINER`, with the aliases, links and fixed addresses that it had.',
      proof: 'The engine lists no endpoint of the container in the network.',
      privileges: 'The Docker socket.',
      limits: `${OWN_NETWORK} The interface that comes back has another name (a container's \`eth0\` and \`eth1\` are \`eth2\` and \`eth3\` afterwards, until it is restarted): what names an interface inside the container (a firewall rule, a \`tc\` discipline, an agent's setting) does not find it any more. \`plan\` says so, and the report names the interfaces before and after where Firedrill is root on the engine's host. Open connections die, because the address may be another one afterwards; to keep the interface and cut the traffic, use \`network-partition\`. A published port of a container without any network answers nobody.`,
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
