import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'restart',
  summary: 'Stops the target and starts it again, as a deployment or an operator would.',
  nature: 'event',
  hits: ['container', 'process'],
  needs: ['lifecycle'],
  parameters,
  draft: ({targets, parameters: {grace}, can}) =>
    Promise.all(targets.map(target => can.lifecycle.restart(target, {graceMs: grace}))),
});
