import {OWN_NETWORK, type OnDriver} from './reference.js';

/** What the faults that shape the packets of a container have in common. Documentation data: see reference.ts. */

const PRIVILEGES =
  "Root on the engine's host with `nsenter`, `tc` and `ip` (package iproute2); elsewhere the Docker socket and an image for helper containers (`helper/Dockerfile`), which get `NET_ADMIN` and `NET_RAW` in the namespace of the target and nothing else.";

const FILTERS =
  'With `protocol`, ports or `address` the discipline hangs in the fourth band of a `prio` (handle `fd1d:`), to which no priority maps: only the `flower` filters of the fault send packets there, all conditions together, for IPv4 and IPv6; everything else passes as before. For what arrives, the same filters redirect to an intermediate device (`ifb`) of the fault, and nothing else goes there. All of that is made first, without filters and so without effect; the filters are what is flipped, in one `tc -batch`.';

/** `kind`: the discipline and its words; `modules`: what the kernel must have for the unfiltered egress form. */
export function inShapedContainer(kind: string, module: string, limits: string): OnDriver {
  return {
    mechanism: `In the network namespace of the container, on every interface but the loopback or on that of \`network\`: \`tc qdisc add dev DEVICE root handle fd1d: ${kind}\`. ${FILTERS}`,
    undo: '`nsenter -t PID -n tc qdisc del dev DEVICE root handle fd1d:`, which the kernel refuses for any other handle; for what arrives the filters, `tc qdisc del dev DEVICE ingress` where no other filter is in it, and `ip link del dev fdTAG`. `plan` prints the whole line. A restart of the container undoes it too. A helper container undoes it by itself at its deadline.',
    proof:
      'The disciplines are read back with their values, the filters are counted. A value that somebody changed makes the proof say `absent`, and what is ours is removed all the same. Exercised: the packets that the discipline has passed, dropped or holds.',
    privileges: `${PRIVILEGES} A kernel with \`${module}\`; for filters \`sch_prio\` and \`cls_flower\`, for what arrives \`ifb\`, \`sch_ingress\`, \`cls_flower\` and \`act_mirred\`. \`plan\` tries them in a namespace that is thrown away.`,
    limits: `Refused where somebody else has put a root qdisc (or an ingress one) on the interface. ${OWN_NETWORK} ${limits} A packet is what the interface sees: segmentation offload makes it up to 64 KiB. Later fragments carry no ports and pass. \`protocol: icmp\` leaves neighbour discovery of IPv6 alone. What the discipline still holds when it is removed is lost.`,
  };
}
