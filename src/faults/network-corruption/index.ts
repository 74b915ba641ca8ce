import {defineFault} from '../contract.js';
import {filterOf} from '../packets.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'network-corruption',
  summary: 'Corrupts packets of the target.',
  nature: 'state',
  hits: ['container'],
  needs: ['shaping'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    can.shaping.shape(targets, {
      impairment: {kind: 'netem', corruption: {share: p.share, correlation: p.correlation}},
      filter: filterOf(p),
      forMs,
    }),
});
