import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'kill',
  summary: 'Sends a signal to the target, by default SIGKILL: it dies without a chance to clean up.',
  nature: 'event',
  hits: ['container', 'process'],
  needs: ['lifecycle'],
  parameters,
  draft: ({targets, parameters: {signal, undo}, can, heal}) =>
    Promise.all(targets.map(target => can.lifecycle.kill(target, {signal, heal, ...undo}))),
});
