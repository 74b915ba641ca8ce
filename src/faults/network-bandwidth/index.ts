import {stream} from '../connections.js';
import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'network-bandwidth',
  summary: 'Limits how many bytes per second reach and leave the target.',
  nature: 'state',
  hits: ['connection'],
  needs: ['connection'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    Promise.all(
      targets.map(target =>
        can.connection.bandwidth(target, {
          bytesPerSecond: p.rate,
          ...stream(p, forMs),
        }),
      ),
    ),
});
