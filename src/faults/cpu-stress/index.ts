import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'cpu-stress',
  summary: "Burns processor time inside the target's cgroup.",
  nature: 'state',
  hits: ['container', 'process'],
  needs: ['stress'],
  parameters,
  draft: ({targets, parameters: {workers, load}, can, forMs}) =>
    Promise.all(targets.map(target => can.stress.cpu(target, {workers, load, forMs}))),
});
