import type * as z from 'zod';
import type {PacketLoss} from '../../targets/packets.js';
import {defineForms, form} from '../contract.js';
import {filterOf} from '../packets.js';
import {connectionParameters, containerParameters} from './parameters.js';

function lossOf(p: z.output<ReturnType<typeof containerParameters>>): PacketLoss {
  if (p.gemodel !== undefined) {
    const {p: toBad, r, '1-h': bad, '1-k': good} = p.gemodel;
    return {model: 'gemodel', p: toBad, r, bad, good};
  }
  if (p.state !== undefined) return {model: 'state', ...p.state};
  return {model: 'random', share: p.loss ?? 0, correlation: p.correlation};
}

export const fault = defineForms(
  {name: 'network-loss', summary: 'Loses connections to the target, or packets of a container.', nature: 'state'},
  form({
    hits: ['connection'],
    needs: ['connection'],
    parameters: connectionParameters,
    draft: ({targets, parameters: p, can, forMs}) =>
      Promise.all(targets.map(target => can.connection.loss(target, {share: p.share, seed: p.seed, ttlMs: forMs}))),
  }),
  form({
    hits: ['container'],
    needs: ['shaping'],
    parameters: containerParameters,
    draft: ({targets, parameters: p, can, forMs}) =>
      can.shaping.shape(targets, {impairment: {kind: 'netem', loss: lossOf(p)}, filter: filterOf(p), forMs}),
  }),
);
