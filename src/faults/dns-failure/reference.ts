import {OWN_NETWORK, type FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        "A name server (a process of Firedrill's own, beside the container in its network namespace, on loopback ports) answers. A chain `firedrill-TAG-out` in the table `nat` redirects to it what the container sends to port 53 of the name servers of its `/etc/resolv.conf` (Docker's own at 127.0.0.11 too) and of `resolvers`, UDP and TCP, IPv4 and IPv6. Where nothing is ever passed on (no `names`, `types` or `share`, and `answer` is not an address) port 53 of any address is redirected. Questions that are not meant go on to the name server they were sent to, byte for byte.",
      undo: 'The chains are removed (`iptables-save | grep firedrill-TAG` shows them, `iptables -t nat -D OUTPUT …`, `-F` and `-X` remove them), questions that are held back get their true answer, the process ends. SIGTERM to the process does the same; so does the end of its lease, half a minute after `for`. When the process dies, its supervisor removes the chains within a second and names resolve again.',
      proof:
        'The redirect rules as the kernel holds them, and the counts of the name server: `questions` seen, `matched`, `wrong`. Exercised: questions that were answered wrongly, late or not at all.',
      privileges:
        "root on the engine's host, with `nsenter`, `iptables` and `ip6tables` (table `nat`, target REDIRECT, matches `owner` and `comment`).",
      limits: `${OWN_NETWORK} Refused where Firedrill is not root on the engine's host. Not seen: DNS over TLS or HTTPS, name servers on other ports, \`/etc/hosts\`, and what a process has cached or never looks up again because its connections are kept; the time of what is cached is that of the true answers. A name server inside the container that asks others on port 53 is hit as well.`,
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'The name of the store does not exist',
      fault: `name: no store
dns-failure: { answer: nxdomain, names: store }
targets: [checkout]
for: 10s`,
    },
    {
      on: 'docker',
      title: 'Every lookup takes half a second',
      fault: `name: slow lookups
dns-failure: { delay: 500ms }
targets: [checkout]
for: 10s`,
    },
    {
      on: 'docker',
      title: 'A fifth of the lookups of inventory lead nowhere',
      fault: `name: wrong inventory
dns-failure: { answer: { address: 192.0.2.1 }, names: [inventory, "*.inventory"], share: 20% }
targets: [checkout]
for: 10s`,
    },
  ],
  notes: [
    'Wrong answers are made not to be kept: addresses have a time to live of 0, denials carry no SOA record. What is kept nevertheless is the business of whoever keeps it; give the recovery window time for it.',
    'A resolver that gets SERVFAIL, REFUSED or nothing asks again or asks the next server (`resolv.conf`: two attempts of 5 s by default), so a share below 100% fails fewer lookups than questions.',
  ],
};
