import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'command',
  summary: 'Runs commands of the author: one that breaks, one that puts back, one that proves.',
  nature: 'state',
  hits: ['container', 'process', 'pod', 'workload', 'node', 'connection', 'host'],
  needs: ['author'],
  parameters,
  draft: ({targets, parameters: given, can}) =>
    Promise.all(
      targets.map(target => can.author.command(target, {do: given.do, undo: given.undo, proof: given.proof})),
    ),
});
