import {stream} from '../connections.js';
import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'limit-data',
  summary: 'Closes connections to the target after so many bytes.',
  nature: 'state',
  hits: ['connection'],
  needs: ['connection'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    Promise.all(
      targets.map(target =>
        can.connection.limitData(target, {
          bytes: p.bytes,
          ...stream(p, forMs),
        }),
      ),
    ),
});
