import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'memory-stress',
  summary: "Takes memory inside the target's cgroup and holds it.",
  nature: 'state',
  hits: ['container', 'process'],
  needs: ['stress'],
  parameters,
  draft: ({targets, parameters: {size, share}, can, forMs}) =>
    Promise.all(targets.map(target => can.stress.memory(target, {bytes: size, share, forMs}))),
});
