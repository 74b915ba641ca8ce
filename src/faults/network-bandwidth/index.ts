import {stream} from '../connections.js';
import {defineForms, form} from '../contract.js';
import {filterOf} from '../packets.js';
import {connectionParameters, containerParameters} from './parameters.js';

export const fault = defineForms(
  {
    name: 'network-bandwidth',
    summary: 'Limits how many bytes per second reach and leave the target.',
    nature: 'state',
  },
  form({
    hits: ['connection'],
    needs: ['connection'],
    parameters: connectionParameters,
    draft: ({targets, parameters: p, can, forMs}) =>
      Promise.all(
        targets.map(target =>
          can.connection.bandwidth(target, {
            bytesPerSecond: p.rate,
            ...stream(p, forMs),
          }),
        ),
      ),
  }),
  form({
    hits: ['container'],
    needs: ['shaping'],
    parameters: containerParameters,
    draft: ({targets, parameters: p, can, forMs}) =>
      can.shaping.shape(targets, {
        impairment: {kind: 'bandwidth', bytesPerSecond: p.rate, burstBytes: p.burst, queueMs: p.queue},
        filter: filterOf(p),
        forMs,
      }),
  }),
);
