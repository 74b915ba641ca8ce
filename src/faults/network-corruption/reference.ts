import type {FaultReference} from '../reference.js';
import {inShapedContainer} from '../shaping-reference.js';

export const reference: FaultReference = {
  on: {
    docker: inShapedContainer(
      'netem corrupt SHARE',
      'sch_netem',
      'A bit that is flipped in a header makes the packet get lost; checksums drop most of the others, so TCP sees loss.',
    ),
  },
  examples: [
    {
      on: 'docker',
      title: 'A noisy line to the inventory',
      fault: `name: noisy line
network-corruption: {share: 2%, localPort: 8082}
targets: [inventory]
for: 15s`,
      needs: 'netem',
    },
  ],
};
