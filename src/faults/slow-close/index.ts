import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'slow-close',
  summary: 'Delays the close of connections to the target.',
  nature: 'state',
  hits: ['connection'],
  needs: ['connection'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    Promise.all(
      targets.map(target =>
        can.connection.slowClose(target, {
          delayMs: p.delay,
          direction: p.direction,
          share: p.share,
          seed: p.seed,
          ttlMs: forMs,
        }),
      ),
    ),
});
