import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'connection-reset',
  summary: 'Resets connections to the target with a TCP RST, existing and new ones.',
  nature: 'state',
  hits: ['connection'],
  needs: ['connection'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    Promise.all(targets.map(target => can.connection.reset(target, {share: p.share, seed: p.seed, ttlMs: forMs}))),
});
