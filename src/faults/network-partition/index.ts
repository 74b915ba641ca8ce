import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'network-partition',
  summary: 'Cuts the target off from those who use it.',
  nature: 'state',
  hits: ['connection'],
  needs: ['connection'],
  parameters,
  draft: ({targets, can, forMs}) => Promise.all(targets.map(target => can.connection.down(target, {ttlMs: forMs}))),
});
