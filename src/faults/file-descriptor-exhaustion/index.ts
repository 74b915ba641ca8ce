import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'file-descriptor-exhaustion',
  summary: 'Leaves the target no file descriptors: opening files and accepting connections fails.',
  nature: 'state',
  hits: ['container', 'process'],
  needs: ['descriptors'],
  parameters,
  draft: ({targets, parameters: {leave, limit, processes}, can}) =>
    Promise.all(targets.map(target => can.descriptors.exhaust(target, {leave: leave ?? 0, limit, processes}))),
});
