import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'pause',
  summary: 'Freezes the target: memory and sockets stay, nothing is answered.',
  nature: 'state',
  hits: ['container', 'process'],
  needs: ['lifecycle'],
  parameters,
  draft: ({targets, can}) => Promise.all(targets.map(target => can.lifecycle.pause(target))),
});
