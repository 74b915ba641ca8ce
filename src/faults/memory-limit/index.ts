import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'memory-limit',
  summary: 'Lowers the memory limit of the target.',
  nature: 'state',
  hits: ['container'],
  needs: ['resources'],
  parameters,
  draft: ({targets, parameters: {limit}, can}) =>
    Promise.all(targets.map(target => can.resources.memoryLimit(target, {bytes: limit}))),
});
