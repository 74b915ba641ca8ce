import {inProxy} from '../connection-reference.js';
import {OWN_NETWORK, type FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        'Rules in chains of their own, `FIREDRILL-TAG-I` and `FIREDRILL-TAG-O`, in the filter tables (IPv4 and IPv6) of the network namespace of the container, each with the comment `firedrill run RUN`. They are made first, harmless; then one jump at the head of `INPUT` and of `OUTPUT` sends all traffic but that of the loopback there, established connections included. The way in is `nsenter`, one transaction of `iptables-restore` a family, or a helper container that shares the namespace.',
      undo: "The jumps and the chains `FIREDRILL-TAG-I` and `-O` are deleted, in one transaction for `iptables` and one for `ip6tables`. By hand: `nsenter -t PID -n sh -c 'iptables-save -t filter | grep -v FIREDRILL-TAG | iptables-restore; ip6tables-save -t filter | grep -v FIREDRILL-TAG | ip6tables-restore'`; `plan` prints it filled in. A restart of the container undoes it too. Should everybody who could undo it be gone, the kernel itself lets the traffic pass again (`-m time --datestop` in the jumps) 90 s after the end of the fault, and a helper container removes its rules then.",
      proof:
        'The rules are read back with their counters: all are there, the jumps come first, their deadline has not passed, and they cover the addresses that those who were named have now; a container or host that has moved makes the proof say `absent`, so that `keep: true` applies the fault again. It is exercised when packets were dropped.',
      privileges:
        "Root on the engine's host with `nsenter` and `iptables`; elsewhere the Docker socket and an image for helper containers (`helper/Dockerfile`), which get `NET_ADMIN` and `NET_RAW` in the namespace of the target and nothing else.",
      limits: `${OWN_NETWORK} Neighbour discovery of IPv6, like ARP, passes. Not the same as \`network-disconnect\`, which takes the interface and its address away. Traffic that a container forwards for others is not touched.`,
    },
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
      on: 'docker',
      title: 'Checkout and inventory cannot see each other',
      fault: `name: split
network-partition: {from: inventory}
targets: [checkout]
for: 10s`,
    },
    {
      on: 'docker',
      title: 'The gateway reaches neither checkout nor inventory',
      fault: `name: split in two
network-partition:
  between: [[gateway], [checkout, inventory]]
targets: [gateway, checkout, inventory]
for: 10s`,
    },
    {
      on: 'docker',
      title: 'Nobody gets an answer on the port of the store',
      fault: `name: port closed
network-partition: {localPort: 8083, protocol: tcp, action: reject}
targets: [store]
for: 10s`,
    },
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
