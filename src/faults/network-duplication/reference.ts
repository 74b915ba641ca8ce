import type {FaultReference} from '../reference.js';
import {inShapedContainer} from '../shaping-reference.js';

export const reference: FaultReference = {
  on: {
    docker: inShapedContainer('netem duplicate SHARE', 'sch_netem', 'TCP discards duplicates; UDP services see them.'),
  },
  examples: [
    {
      on: 'docker',
      title: 'Answers of the inventory come twice',
      fault: `name: duplicates
network-duplication: {share: 10%, localPort: 8082}
targets: [inventory]
for: 15s`,
      needs: 'netem',
    },
  ],
};
