import {defineFault} from '../contract.js';
import {choiceOf} from '../inner-processes.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'process-pause',
  summary: 'Freezes processes inside the target that match a pattern.',
  nature: 'state',
  hits: ['container', 'process'],
  needs: ['processes'],
  parameters,
  draft: ({targets, parameters, can}) =>
    Promise.all(targets.map(target => can.processes.pause(target, choiceOf(parameters)))),
});
