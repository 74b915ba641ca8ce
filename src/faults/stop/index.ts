import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'stop',
  summary: 'Stops the target as an operator would: SIGTERM, then SIGKILL after a grace period.',
  nature: 'event',
  hits: ['container', 'process'],
  needs: ['lifecycle'],
  parameters,
  draft: ({targets, parameters: {grace}, can, heal}) =>
    Promise.all(targets.map(target => can.lifecycle.stop(target, {graceMs: grace, heal}))),
});
