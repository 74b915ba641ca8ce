import {stream} from '../connections.js';
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
          ...stream(p, forMs),
        }),
      ),
    ),
});
