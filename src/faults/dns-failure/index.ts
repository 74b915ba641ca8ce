import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'dns-failure',
  summary: 'Makes DNS answer wrongly, late or not at all.',
  nature: 'state',
  hits: ['container'],
  needs: ['dns'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    Promise.all(
      targets.map(target =>
        can.dns.fail(target, {
          answer: p.answer,
          delayMs: p.delay,
          names: p.names ?? [],
          types: p.types ?? (typeof p.answer === 'object' ? ['A', 'AAAA'] : []),
          share: p.share,
          seed: p.seed,
          resolvers: p.resolvers ?? [],
          forMs,
        }),
      ),
    ),
});
