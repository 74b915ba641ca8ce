import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'pids-limit',
  summary: 'Lowers the number of processes and threads that the target may have.',
  nature: 'state',
  hits: ['container'],
  needs: ['resources'],
  parameters,
  draft: ({targets, parameters: {limit}, can}) =>
    Promise.all(targets.map(target => can.resources.pidsLimit(target, {limit}))),
});
