import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'network-loss',
  summary: 'Loses connections to the target.',
  nature: 'state',
  hits: ['connection'],
  needs: ['connection'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    Promise.all(targets.map(target => can.connection.loss(target, {share: p.share, seed: p.seed, ttlMs: forMs}))),
});
