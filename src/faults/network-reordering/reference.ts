import type {FaultReference} from '../reference.js';
import {inShapedContainer} from '../shaping-reference.js';

export const reference: FaultReference = {
  on: {
    docker: inShapedContainer(
      'netem delay DELAY reorder SHARE gap GAP',
      'sch_netem',
      'Only packets that are sent within `delay` of each other change places; the others are just late.',
    ),
  },
  examples: [
    {
      on: 'docker',
      title: 'Packets of the inventory overtake each other',
      fault: `name: out of order
network-reordering: {share: 25%, delay: 20ms, localPort: 8082}
targets: [inventory]
for: 15s`,
      needs: 'netem',
    },
  ],
};
