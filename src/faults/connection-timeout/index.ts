import {stream} from '../connections.js';
import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'connection-timeout',
  summary: 'Lets nothing through on connections to the target until they time out.',
  nature: 'state',
  hits: ['connection'],
  needs: ['connection'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    Promise.all(
      targets.map(target =>
        can.connection.timeout(target, {
          afterMs: p.after,
          ...stream(p, forMs),
        }),
      ),
    ),
});
