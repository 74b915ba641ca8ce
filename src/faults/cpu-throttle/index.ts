import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'cpu-throttle',
  summary: 'Lowers the CPU limit of the target.',
  nature: 'state',
  hits: ['container'],
  needs: ['resources'],
  parameters,
  draft: ({targets, parameters: {cpus}, can}) =>
    Promise.all(targets.map(target => can.resources.cpuThrottle(target, {cpus}))),
});
