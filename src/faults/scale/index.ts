import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'scale',
  summary: 'Gives the workload another number of replicas, for example 0 or one less.',
  nature: 'state',
  hits: ['workload'],
  needs: ['workload'],
  parameters,
  draft: ({targets, parameters: {replicas}, can}) =>
    Promise.all(targets.map(target => can.workload.scale(target, {replicas}))),
});
