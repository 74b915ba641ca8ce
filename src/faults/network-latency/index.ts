import {stream} from '../connections.js';
import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'network-latency',
  summary: 'Delays the traffic of the target.',
  nature: 'state',
  hits: ['connection'],
  needs: ['connection'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    Promise.all(
      targets.map(target =>
        can.connection.latency(target, {
          delayMs: p.delay,
          jitterMs: p.jitter,
          ...stream(p, forMs),
        }),
      ),
    ),
});
