import {defineFault} from '../contract.js';
import {choiceOf} from '../inner-processes.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'process-kill',
  summary: 'Ends processes inside the target that match a pattern.',
  nature: 'event',
  hits: ['container', 'process'],
  needs: ['processes'],
  parameters,
  draft: ({targets, parameters, can, heal}) =>
    Promise.all(
      targets.map(target => can.processes.kill(target, {...choiceOf(parameters), signal: parameters.signal, heal})),
    ),
});
