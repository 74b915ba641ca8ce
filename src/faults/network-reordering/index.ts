import {defineFault} from '../contract.js';
import {filterOf} from '../packets.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'network-reordering',
  summary: 'Delays the packets of the target but for some, which overtake the others.',
  nature: 'state',
  hits: ['container'],
  needs: ['shaping'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    can.shaping.shape(targets, {
      impairment: {
        kind: 'netem',
        delay: {ms: p.delay, jitterMs: 0, correlation: 0, distribution: 'uniform'},
        reordering: {share: p.share, correlation: p.correlation, gap: p.gap},
      },
      filter: filterOf(p),
      forMs,
    }),
});
