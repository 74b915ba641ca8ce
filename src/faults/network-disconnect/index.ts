import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'network-disconnect',
  summary: 'Detaches the target from a network, or from all of them.',
  nature: 'state',
  hits: ['container'],
  needs: ['network'],
  parameters,
  draft: async ({targets, parameters: {network}, can}) => {
    const changes = await Promise.all(targets.map(target => can.network.disconnect(target, {network})));
    return changes.flat();
  },
});
