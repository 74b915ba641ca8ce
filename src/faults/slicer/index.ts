import {stream} from '../connections.js';
import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'slicer',
  summary: 'Cuts the traffic of the target into small packets.',
  nature: 'state',
  hits: ['connection'],
  needs: ['connection'],
  parameters,
  draft: ({targets, parameters: p, can, forMs}) =>
    Promise.all(
      targets.map(target =>
        can.connection.slicer(target, {
          averageBytes: p.averageSize,
          variationBytes: p.sizeVariation,
          delayMs: p.delay,
          ...stream(p, forMs),
        }),
      ),
    ),
});
